/**
 * The symbols around a position, as Monaco's own languages outline them. Monaco's public API has no
 * way to ask for an outline, so its services are asked (monaco-internals.d.ts). A lazy chunk.
 */
import { IOutlineModelService } from "monaco-editor/editor/contrib/documentSymbols/browser/outlineModel.js";
import { StandaloneServices } from "monaco-editor/editor/standalone/browser/standaloneServices.js";
import { monaco } from "./monaco";

export interface OutlineSymbol {
  name: string;
  line: number;
  column: number;
}

/** The symbols that hold the position, the outermost first. */
export async function symbolsAt(
  model: monaco.editor.ITextModel,
  position: { lineNumber: number; column: number },
  cancel: monaco.CancellationToken,
): Promise<OutlineSymbol[]> {
  const outline = await StandaloneServices.get(IOutlineModelService).getOrCreate(model, cancel);
  return outline
    .asListOfDocumentSymbols()
    .filter(({ range }) => monaco.Range.containsPosition(range, position))
    .sort((a, b) => monaco.Range.compareRangesUsingStarts(a.range, b.range))
    .map(({ name, selectionRange }) => ({
      name,
      line: selectionRange.startLineNumber,
      column: selectionRange.startColumn,
    }));
}
