/** Where the panels stand: sizes and what is open, remembered in this browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";

/** Of a phone's three sheets, the one that is shown. */
export type Sheet = "files" | "editor" | "terminal";

interface LayoutState {
  /** The tree's width, in pixels. */
  treeWidth: number;
  /** The terminal's height, in pixels. */
  terminalHeight: number;
  treeOpen: boolean;
  terminalOpen: boolean;
  terminalMaximized: boolean;
  sheet: Sheet;
  set: (
    change: Partial<
      Pick<
        LayoutState,
        "treeWidth" | "terminalHeight" | "treeOpen" | "terminalOpen" | "terminalMaximized" | "sheet"
      >
    >,
  ) => void;
  /** Makes a panel seen: opens it on a desk, turns to its sheet on a phone. */
  reveal: (sheet: Sheet) => void;
}

export const TREE_WIDTH = { min: 160, max: 640, initial: 260 };
export const TERMINAL_HEIGHT = { min: 96, max: 2000, initial: 260 };

export const useLayout = create<LayoutState>()(
  persist(
    (set) => ({
      treeWidth: TREE_WIDTH.initial,
      terminalHeight: TERMINAL_HEIGHT.initial,
      treeOpen: true,
      terminalOpen: true,
      terminalMaximized: false,
      sheet: "files",
      set: (change) => set(change),
      reveal: (sheet) =>
        set((state) => ({
          sheet,
          treeOpen: state.treeOpen || sheet === "files",
          terminalOpen: state.terminalOpen || sheet === "terminal",
          terminalMaximized: state.terminalMaximized && sheet !== "editor",
        })),
    }),
    {
      name: "atelier.workbench.layout",
      partialize: ({ set: _set, reveal: _reveal, ...remembered }) => remembered,
    },
  ),
);
