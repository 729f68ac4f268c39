/** Edits of a text that is not open: pure. */
import type { Position, TextEdit } from "vscode-languageserver-protocol";

/** Makes edits of a text, whose places are all in the text as it was. */
export function editText(text: string, edits: readonly TextEdit[]): string {
  const lines = [0];
  for (const { index } of text.matchAll(/\r\n|\r|\n/g)) {
    lines.push(index + (text.startsWith("\r\n", index) ? 2 : 1));
  }
  const offset = ({ line, character }: Position) => {
    const start = lines[line];
    if (start === undefined) return text.length;
    return Math.min(start + character, lines[line + 1] ?? text.length);
  };
  const ordered = edits
    .map(({ range, newText }, index) => ({
      start: offset(range.start),
      end: offset(range.end),
      newText,
      index,
    }))
    // The last first; of those at one place, in their order.
    .sort((a, b) => b.start - a.start || b.index - a.index);
  let result = text;
  for (const { start, end, newText } of ordered) {
    result = result.slice(0, start) + newText + result.slice(end);
  }
  return result;
}
