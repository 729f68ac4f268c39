/** How the editor spends its width. */

/** From here on the minimap leaves lines of 80 columns uncovered, in pixels. */
const MINIMAP_MIN_PX = 800;
/** Below it, fewer than about 60 columns fit: lines wrap rather than run out of sight. */
const WRAP_BELOW_PX = 520;

/** Monaco's options for an editor of this width. */
export function optionsForWidth(width: number) {
  const narrow = width < WRAP_BELOW_PX;
  return {
    minimap: { renderCharacters: false, enabled: width >= MINIMAP_MIN_PX },
    wordWrap: narrow ? "on" : "off",
    // A phone's columns are the text's: the margin keeps what line numbers need.
    glyphMargin: !narrow,
    lineNumbersMinChars: narrow ? 3 : 5,
    lineDecorationsWidth: narrow ? 4 : 10,
  } as const;
}
