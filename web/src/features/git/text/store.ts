/** What is known of the texts that are shown, and what is open at their lines. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { LineChange } from "./line-changes";

/** Where blame is written: nowhere, at the cursor's line, at every line. */
export type BlameMode = "off" | "line" | "all";

interface TextState {
  /** The changes of each text that is shown, by the view's id; absent where there is nothing to compare with. */
  changes: Readonly<Record<number, readonly LineChange[]>>;
  /** At which line of which text a change is looked into. */
  peek: { view: number; line: number } | undefined;
  blame: BlameMode;
}

export type TextStore = StoreApi<TextState>;

export function createTextStore(): TextStore {
  return createStore<TextState>(() => ({ changes: {}, peek: undefined, blame: "off" }));
}

export function setChanges(
  store: TextStore,
  view: number,
  changes: readonly LineChange[] | undefined,
): void {
  store.setState((state) => {
    const { [view]: _, ...others } = state.changes;
    return { changes: changes ? { ...others, [view]: changes } : others };
  });
}
