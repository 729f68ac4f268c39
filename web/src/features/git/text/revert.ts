/** Takes a change of a text back, as an edit that can be undone. */
import type { editor } from "monaco-editor";
import type { LineChange } from "./line-changes";

type Edit = editor.IIdentifiedSingleEditOperation;

export function revertEdit(
  { start, count, before }: LineChange,
  model: Pick<editor.ITextModel, "getLineCount" | "getLineMaxColumn" | "getEOL">,
): Edit {
  const end = model.getEOL();
  const text = before.join(end);
  const edit = (from: [number, number], to: [number, number], by: string): Edit => ({
    range: {
      startLineNumber: from[0],
      startColumn: from[1],
      endLineNumber: to[0],
      endColumn: to[1],
    },
    text: by,
  });
  if (count === 0) {
    if (start === 0) return edit([1, 1], [1, 1], text + end);
    const at: [number, number] = [start, model.getLineMaxColumn(start)];
    return edit(at, at, end + text);
  }
  const last = start + count - 1;
  const lastEnd: [number, number] = [last, model.getLineMaxColumn(last)];
  if (before.length > 0) return edit([start, 1], lastEnd, text);
  if (last < model.getLineCount()) return edit([start, 1], [last + 1, 1], "");
  if (start > 1) return edit([start - 1, model.getLineMaxColumn(start - 1)], lastEnd, "");
  return edit([1, 1], lastEnd, "");
}
