/** Settings as Monaco's options. */
import { optionsForWidth } from "../narrow";
import type { EditorSettings } from "./settings";

const FAMILIES = '"IBM Plex Mono", "IBM Plex Sans Arabic", monospace';

/** Monaco's options for a text of these settings in an editor of that width, in pixels. */
export function optionsFor(settings: EditorSettings, width: number) {
  const narrow = optionsForWidth(width);
  const own = settings.fontFamily.replace(/["\\;{}]/g, "").trim();
  return {
    ...narrow,
    minimap: { ...narrow.minimap, enabled: narrow.minimap.enabled && settings.minimap },
    wordWrap: settings.wordWrap ? ("on" as const) : narrow.wordWrap,
    fontFamily: own === "" ? FAMILIES : `"${own}", ${FAMILIES}`,
    fontLigatures: settings.ligatures,
    fontSize: settings.fontSize,
    lineHeight: Math.round(settings.fontSize * 1.54),
    stickyScroll: { enabled: settings.stickyScroll && !narrow.wordWrap.startsWith("on") },
  };
}

/**
 * What a text is spared whose size or whose lines are so long that it would hold up every keystroke:
 * each of these looks through whole lines, or through all of the text.
 */
export function sparingOptions(spare: boolean) {
  return {
    bracketPairColorization: { enabled: !spare },
    matchBrackets: spare ? ("never" as const) : ("always" as const),
    occurrencesHighlight: spare ? ("off" as const) : ("singleFile" as const),
    selectionHighlight: !spare,
    folding: !spare,
    links: !spare,
    colorDecorators: !spare,
    wordBasedSuggestions: spare ? ("off" as const) : ("matchingDocuments" as const),
    guides: { bracketPairs: spare ? false : ("active" as const), indentation: !spare },
    renderWhitespace: spare ? ("none" as const) : ("selection" as const),
  };
}

/** Monaco's own name of a theme; the default one is made of the interface's colours. */
export const MONACO_THEMES = {
  light: "vs",
  dark: "vs-dark",
  contrastLight: "hc-light",
  contrastDark: "hc-black",
} as const;
