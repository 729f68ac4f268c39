/** Monaco, its workers and themes: a lazy chunk, loaded with the first file. */
import "./monaco.css";
import "./monaco-parts";
import * as monaco from "monaco-editor/editor/editor.api.js";
import EditorWorker from "monaco-editor/editor/editor.worker.js?worker";
import CssWorker from "monaco-editor/languages/features/css/css.worker.js?worker";
import HtmlWorker from "monaco-editor/languages/features/html/html.worker.js?worker";
import JsonWorker from "monaco-editor/languages/features/json/json.worker.js?worker";
import {
  javascriptDefaults,
  typescriptDefaults,
} from "monaco-editor/languages/features/typescript/register.js";
import TypeScriptWorker from "monaco-editor/languages/features/typescript/ts.worker.js?worker";
import { tokenColors } from "@/lib/token-colors";
import { registerExtraLanguages } from "./extra-languages";
import type { TextBuffer } from "./openFile";
import { MONACO_THEMES } from "./settings/options";
import { currentEditorSettings, type EditorTheme } from "./settings/settings";
import type { Conventions } from "./text/editorconfig";
import type { LineEnding } from "./text/line-endings";

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
for (const defaults of [typescriptDefaults, javascriptDefaults]) {
  defaults.setDiagnosticsOptions({ noSemanticValidation: true, noSyntaxValidation: false });
}

/** Colours of what language servers tell apart and grammars do not; like those of Monaco's own themes. */
function semanticRules(resolved: "light" | "dark"): monaco.editor.ITokenThemeRule[] {
  const dark = resolved === "dark";
  const rules = (tokens: string, light: string, onDark: string) =>
    tokens.split(" ").map((token) => ({ token, foreground: dark ? onDark : light }));
  return [
    ...rules("namespace class enum interface struct typeParameter", "176d7c", "4ec9b0"),
    ...rules("function method macro decorator", "795e26", "dcdcaa"),
    ...rules("parameter variable property enumMember", "001080", "9cdcfe"),
  ];
}

/** Sets the chosen theme; the interface's own is made of the tokens as they are now. */
export function applyTheme(resolved: "light" | "dark", theme: EditorTheme = "atelier"): void {
  if (theme !== "atelier") {
    monaco.editor.setTheme(MONACO_THEMES[theme]);
    return;
  }
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
    rules: [{ token: "comment", foreground: color["ink-3"].slice(1) }, ...semanticRules(resolved)],
    colors: {
      "editor.background": color.surface,
      "editor.foreground": color.ink,
      "editor.lineHighlightBorder": color.line,
      "editor.selectionBackground": `${color.accent}${alpha}`,
      "editorCursor.foreground": color["accent-text"],
      "editorGutter.background": color.surface,
      "editorLineNumber.foreground": color["ink-3"],
      // The one below the last line: no paler than the others.
      "editorLineNumber.dimmedForeground": color["ink-3"],
      "editorLineNumber.activeForeground": color.ink,
      "editorIndentGuide.background1": color.line,
      "editorWidget.background": color.raised,
      "editorWidget.border": color.line,
      "editorSuggestWidget.selectedBackground": color.selected,
      "editorSuggestWidget.selectedForeground": color.ink,
      "editorHoverWidget.background": color.raised,
      "editorHoverWidget.border": color.line,
      "editorCodeLens.foreground": color["ink-2"],
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
const announcements = announcer();

function announcer(): HTMLElement {
  const element = document.createElement("div");
  element.dir = "ltr";
  element.style.cssText = "position:fixed;top:0;left:0;width:1px;height:1px;overflow:hidden";
  document.body.append(element);
  return element;
}

/** Options of every editor; the platform's editing habits with our type. */
export const EDITOR_OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  /** Each editor that is made puts its own part there, through which all speak from then on: those before are dead. */
  get ariaContainerElement() {
    announcements.replaceChildren();
    return announcements;
  },
  automaticLayout: true,
  fixedOverflowWidgets: true,
  "semanticHighlighting.enabled": true,
  padding: { top: 6 },
  scrollBeyondLastLine: false,
  smoothScrolling: false,
  // Line separators of Unicode are text like any other: saving leaves them as they are.
  unusualLineTerminators: "off",
  // A line of many megabytes is drawn up to here.
  stopRenderingLineAfter: 10_000,
  // Ambiguous letters are marked in code, but Arabic text is no ambiguity.
  unicodeHighlight: { ambiguousCharacters: true, allowedLocales: { _os: true, ar: true } },
};

let modelCount = 0;

/** The model of a file; the number keeps two apart that had the same name in turn. */
function createModel(path: string, text: string, plain: boolean): monaco.editor.ITextModel {
  modelCount += 1;
  const uri = monaco.Uri.from({ scheme: "atelier", authority: `${modelCount}`, path: `/${path}` });
  return monaco.editor.createModel(text, plain ? "plaintext" : undefined, uri);
}

/** How many ends of lines are trimmed in one save. */
const TRIMS_MAX = 100_000;

/** The lines with cursors, in the editors that show the text and have the focus. */
function cursorLines(model: monaco.editor.ITextModel): number[] {
  return monaco.editor
    .getEditors()
    .filter((editor) => editor.getModel() === model && editor.hasTextFocus())
    .flatMap((editor) => (editor.getSelections() ?? []).map((at) => at.positionLineNumber));
}

/** Above this a text has no colours: its grammar would take longer than a person waits. */
const PLAIN_ABOVE_CHARACTERS = 5_000_000;
/** And above this length of a line; minified programs stay below it. */
const LINE_CHARACTERS_MAX = 500_000;

function isHeavy(text: string): boolean {
  if (text.length > PLAIN_ABOVE_CHARACTERS) return true;
  for (let start = 0; text.length - start > LINE_CHARACTERS_MAX; ) {
    const end = text.lastIndexOf("\n", start + LINE_CHARACTERS_MAX);
    if (end < start) return true;
    start = end + 1;
  }
  return false;
}

/** The language that a name means. */
export function languageOf(path: string): string {
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
  /** So large, or with so long a line, that only what is needed is done with it. */
  readonly heavy: boolean;

  constructor(path: string, text: string, edited: () => void) {
    this.heavy = isHeavy(text);
    this.model = createModel(path, text, this.heavy);
    // What the text itself shows comes before a person's habit.
    const { insertSpaces, tabSize } = currentEditorSettings();
    this.model.updateOptions({ insertSpaces, tabSize, indentSize: tabSize });
    this.model.detectIndentation(insertSpaces, tabSize);
    this.model.onDidChangeContent(edited);
  }

  version(): number {
    return this.model.getAlternativeVersionId();
  }

  text(): string {
    return this.model.getValue();
  }

  replace(text: string): void {
    const { model } = this;
    const before = model.getValue();
    if (before === text) return;
    // Only what differs: the cursor and the folds of the rest stay where they are.
    const shortest = Math.min(before.length, text.length);
    let head = 0;
    while (head < shortest && before[head] === text[head]) head += 1;
    let tail = 0;
    while (tail < shortest - head && before.at(-1 - tail) === text.at(-1 - tail)) tail += 1;
    const range = monaco.Range.fromPositions(
      model.getPositionAt(head),
      model.getPositionAt(before.length - tail),
    );
    model.pushStackElement();
    model.pushEditOperations(
      [],
      [{ range, text: text.slice(head, text.length - tail), forceMoveMarkers: true }],
      () => null,
    );
    model.pushStackElement();
  }

  lineEnding(): LineEnding {
    return this.model.getEOL() === "\r\n" ? "crlf" : "lf";
  }

  setLineEnding(ending: LineEnding): void {
    const { CRLF, LF } = monaco.editor.EndOfLineSequence;
    this.model.pushEOL(ending === "crlf" ? CRLF : LF);
  }

  follow({ indentStyle, indentSize, tabWidth }: Conventions): void {
    if (indentStyle) this.model.updateOptions({ insertSpaces: indentStyle === "space" });
    const size = indentSize ?? tabWidth;
    if (size) this.model.updateOptions({ tabSize: tabWidth ?? size, indentSize: size });
  }

  tidy({ trimTrailingWhitespace, insertFinalNewline, endOfLine }: Conventions): void {
    const { model } = this;
    if (endOfLine && endOfLine !== this.lineEnding()) this.setLineEnding(endOfLine);
    const edits: monaco.editor.IIdentifiedSingleEditOperation[] = [];
    if (trimTrailingWhitespace) {
      const found = model.findMatches("[ \\t]+$", false, true, false, null, false, TRIMS_MAX);
      // Where someone is typing, the space is not at the end yet.
      const typing = new Set(cursorLines(model));
      for (const { range } of found) {
        if (!typing.has(range.startLineNumber)) edits.push({ range, text: "" });
      }
    }
    const last = model.getLineCount();
    if (insertFinalNewline && model.getLineLength(last) > 0) {
      const end = { lineNumber: last, column: model.getLineMaxColumn(last) };
      edits.push({ range: monaco.Range.fromPositions(end), text: model.getEOL() });
    }
    if (edits.length > 0) model.pushEditOperations([], edits, () => null);
  }

  rename(path: string): void {
    monaco.editor.setModelLanguage(this.model, languageOf(path));
  }

  setLanguage(language: string): void {
    monaco.editor.setModelLanguage(this.model, language);
  }

  /** From the next keystroke on; what is there stays as it is. */
  setIndentation(spaces: boolean, size: number): void {
    this.model.updateOptions({ insertSpaces: spaces, tabSize: size, indentSize: size });
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
