/** Where the terminals of each workspace stand; kept in this browser, as it depends on its screen. */
import { create } from "zustand";
import { emptyLayout, type PaneLayout, parseLayout } from "./tree";

interface PanesState {
  layouts: Readonly<Record<string, PaneLayout>>;
  /** The terminal whose tab is being dragged. */
  dragged: string | undefined;
  change: (workspace: string, change: (layout: PaneLayout) => PaneLayout) => void;
  setDragged: (terminal: string | undefined) => void;
}

const key = (workspace: string) => `atelier.terminals.panes.${workspace}`;

function stored(workspace: string): PaneLayout {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key(workspace)) ?? "null");
    return parseLayout(value) ?? emptyLayout();
  } catch {
    return emptyLayout();
  }
}

export const usePanes = create<PanesState>((set, get) => ({
  layouts: {},
  dragged: undefined,
  change: (workspace, change) => {
    const before = get().layouts[workspace] ?? stored(workspace);
    const after = change(before);
    if (after === get().layouts[workspace]) return;
    try {
      localStorage.setItem(key(workspace), JSON.stringify(after));
    } catch {
      // The storage is full or blocked: the next visit begins anew.
    }
    set({ layouts: { ...get().layouts, [workspace]: after } });
  },
  setDragged: (dragged) => set({ dragged }),
}));

/** The layout of a workspace, before anything has changed it as it was left. */
export function layoutOf(workspace: string): PaneLayout {
  return usePanes.getState().layouts[workspace] ?? stored(workspace);
}
