/** Monaco, its workers and themes: a lazy chunk, loaded with the first file. */
import "./monaco.css";
import * as monaco from "monaco-editor";
import EditorWorker from "monaco-editor/editor/editor.worker.js?worker";
import CssWorker from "monaco-editor/languages/features/css/css.worker.js?worker";
import HtmlWorker from "monaco-editor/languages/features/html/html.worker.js?worker";
import JsonWorker from "monaco-editor/languages/features/json/json.worker.js?worker";
import TypeScriptWorker from "monaco-editor/languages/features/typescript/ts.worker.js?worker";
import { tokenColors } from "@/lib/token-colors";
import { registerExtraLanguages } from "./extra-languages";
import type { TextBuffer } from "./openFile";

type WorkerClass = new () => Worker;

const WORKERS: Record<string, WorkerClass> = {
  css: CssWorker,
  less: CssWorker,
  scss: CssWorker,
  handlebars: HtmlWorker,
  html: HtmlWorker,
  razor: HtmlWorker,
  json: JsonWorker,
  javascript: TypeScriptWorker,
  typescript: TypeScriptWorker,
};

globalThis.MonacoEnvironment = {
  getWorker: (_id, label) => new (WORKERS[label] ?? EditorWorker)(),
};

registerExtraLanguages(monaco.languages);

// Without the project's modules and types, every import would be an error. Language servers of the
// workspace will say what is wrong; until then only syntax is checked.
for (const defaults of [
  monaco.typescript.typescriptDefaults,
  monaco.typescript.javascriptDefaults,
]) {
  defaults.setDiagnosticsOptions({ noSemanticValidation: true, noSyntaxValidation: false });
}

/** Sets Monaco's theme to the tokens as they are now. */
export function applyTheme(resolved: "light" | "dark"): void {
  const color = tokenColors([
    "surface",
    "raised",
    "ink",
    "ink-2",
    "ink-3",
    "line",
    "line-strong",
    "hover",
    "selected",
    "accent",
    "accent-text",
    "focus",
    "ok",
    "ok-soft",
    "bad",
    "bad-soft",
  ]);
  const alpha = resolved === "dark" ? "80" : "38";
  monaco.editor.defineTheme("atelier", {
    base: resolved === "dark" ? "vs-dark" : "vs",
    inherit: true,
    // The base theme's comment colour falls short of 4.5:1 on our surfaces.
    rules: [{ token: "comment", foreground: color["ink-3"].slice(1) }],
    colors: {
      "editor.background": color.surface,
      "editor.foreground": color.ink,
      "editor.lineHighlightBorder": color.line,
      "editor.selectionBackground": `${color.accent}${alpha}`,
      "editorCursor.foreground": color["accent-text"],
      "editorGutter.background": color.surface,
      "editorLineNumber.foreground": color["ink-3"],
      "editorLineNumber.activeForeground": color.ink,
      "editorIndentGuide.background1": color.line,
      "editorWidget.background": color.raised,
      "editorWidget.border": color.line,
      "editorSuggestWidget.selectedBackground": color.selected,
      "editorSuggestWidget.selectedForeground": color.ink,
      "editorHoverWidget.background": color.raised,
      "editorHoverWidget.border": color.line,
      "input.background": color.surface,
      "input.border": color["line-strong"],
      "list.hoverBackground": color.hover,
      "list.activeSelectionBackground": color.selected,
      "list.activeSelectionForeground": color.ink,
      "quickInput.background": color.raised,
      "menu.background": color.raised,
      "menu.foreground": color.ink,
      "menu.selectionBackground": color.selected,
      "menu.selectionForeground": color.ink,
      "menu.border": color.line,
      "diffEditor.insertedLineBackground": `${color["ok-soft"]}b0`,
      "diffEditor.insertedTextBackground": `${color.ok}30`,
      "diffEditor.removedLineBackground": `${color["bad-soft"]}b0`,
      "diffEditor.removedTextBackground": `${color.bad}30`,
      "diffEditor.diagonalFill": color.line,
      focusBorder: color.focus,
      "scrollbar.shadow": "#00000000",
      "widget.shadow": "#00000030",
    },
  });
  monaco.editor.setTheme("atelier");
}

/**
 * Where Monaco speaks to screen readers. Its own place, far to the left of the page, would be a way
 * to scroll to in right-to-left pages; nothing leaves this one.
 */
function announcements(): HTMLElement {
  const element = document.createElement("div");
  element.dir = "ltr";
  element.style.cssText = "position:fixed;top:0;left:0;width:1px;height:1px;overflow:hidden";
  document.body.append(element);
  return element;
}

/** Options of every editor; the platform's editing habits with our type. */
export const EDITOR_OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  ariaContainerElement: announcements(),
  automaticLayout: true,
  fixedOverflowWidgets: true,
  fontFamily: '"IBM Plex Mono", "IBM Plex Sans Arabic", monospace',
  fontSize: 13,
  lineHeight: 20,
  padding: { top: 6 },
  scrollBeyondLastLine: false,
  smoothScrolling: false,
  // Ambiguous letters are marked in code, but Arabic text is no ambiguity.
  unicodeHighlight: { ambiguousCharacters: true, allowedLocales: { _os: true, ar: true } },
};

let modelCount = 0;

/** The model of a file; the number keeps two apart that had the same name in turn. */
function createModel(path: string, text: string): monaco.editor.ITextModel {
  modelCount += 1;
  const uri = monaco.Uri.from({ scheme: "atelier", authority: `${modelCount}`, path: `/${path}` });
  return monaco.editor.createModel(text, undefined, uri);
}

/** The language that a name means. */
function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1).toLowerCase();
  const languages = monaco.languages.getLanguages();
  const byName = languages.find(({ filenames }) =>
    filenames?.some((filename) => filename.toLowerCase() === name),
  );
  const byExtension = languages.find(({ extensions }) =>
    extensions?.some((extension) => name.endsWith(extension.toLowerCase())),
  );
  return (byName ?? byExtension)?.id ?? "plaintext";
}

/** A text as Monaco holds it. */
export class MonacoBuffer implements TextBuffer {
  readonly model: monaco.editor.ITextModel;
  /** Where the view was when another tab was shown. */
  viewState: monaco.editor.ICodeEditorViewState | null = null;

  constructor(path: string, text: string, edited: () => void) {
    this.model = createModel(path, text);
    this.model.onDidChangeContent(edited);
  }

  version(): number {
    return this.model.getAlternativeVersionId();
  }

  text(): string {
    // Monaco keeps a byte order mark apart; saving must not lose it.
    return this.model.getValue(undefined, true);
  }

  replace(text: string): void {
    const value = text.startsWith("\ufeff") ? text.slice(1) : text;
    const range = this.model.getFullModelRange();
    this.model.pushEditOperations([], [{ range, text: value }], () => null);
  }

  rename(path: string): void {
    monaco.editor.setModelLanguage(this.model, languageOf(path));
  }

  dispose(): void {
    this.model.dispose();
  }
}

/** Makes the buffer of a file. */
export function createMonacoBuffer(path: string, text: string, edited: () => void): MonacoBuffer {
  return new MonacoBuffer(path, text, edited);
}

export { monaco };
