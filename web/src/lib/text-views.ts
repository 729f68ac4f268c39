/**
 * The texts that the editor shows now, for features that add to them what is not the editor's own:
 * marks in the gutter, notes at the lines.
 */
import type * as monaco from "monaco-editor";
import { createStore, type StoreApi } from "zustand/vanilla";

/** A text as it is shown in one group. */
export interface TextView {
  /** Another one for each text and each group. */
  readonly id: number;
  readonly path: string;
  readonly editor: monaco.editor.IStandaloneCodeEditor;
  readonly model: monaco.editor.ITextModel;
  readonly monaco: MonacoParts;
  /** Nothing may be changed. */
  readonly readOnly: boolean;
  /** Whether it is in the active group. */
  readonly active: boolean;
  /** Writes the text to the disk; false where that failed, which was told. */
  readonly save: () => Promise<boolean>;
}

/** What is needed of Monaco itself; it is a lazy chunk that only the editor loads. */
type MonacoParts = typeof import("monaco-editor/editor/editor.api.js");

export type TextViews = StoreApi<readonly TextView[]>;

export function createTextViews(): TextViews {
  return createStore<readonly TextView[]>(() => []);
}

let made = 0;

/** Tells of a text that is shown now; the returned function takes it away. */
export function showText(views: TextViews, view: Omit<TextView, "id">): () => void {
  made += 1;
  const shown = { ...view, id: made };
  views.setState([...views.getState(), shown], true);
  return () =>
    views.setState(
      views.getState().filter((other) => other !== shown),
      true,
    );
}
