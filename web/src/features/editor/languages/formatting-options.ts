import type { FormattingOptions } from "vscode-languageserver-protocol";
import type { monaco } from "../monaco";

/**
 * What a server that formats is told. A text whose last line is ended keeps that: servers of JSON, CSS and HTML
 * take it away unasked.
 */
export function formattingOptions(
  model: Pick<monaco.editor.ITextModel, "getLineCount" | "getLineLength">,
  { tabSize, insertSpaces }: monaco.languages.FormattingOptions,
): FormattingOptions {
  const last = model.getLineCount();
  return {
    tabSize,
    insertSpaces,
    insertFinalNewline: last > 1 && model.getLineLength(last) === 0,
  };
}
