/** Where the panels of one workspace stand on this device: what is open, how large, on which side. */
import * as z from "zod/mini";
import { createStore, type StoreApi } from "zustand";
import { setting } from "@/lib/preferences";

/** Sizes in pixels, for a desk; a phone shows one panel at a time. */
export const SIDE_WIDTH = { min: 160, max: 640, initial: 260 };
export const TERMINAL_HEIGHT = { min: 96, max: 2000, initial: 260 };
export const TERMINAL_WIDTH = { min: 200, max: 3000, initial: 480 };

const size = (of: { min: number; max: number; initial: number }) =>
  setting(z.number().check(z.gte(of.min), z.lte(of.max)), of.initial);

/** What is remembered; what makes no sense has its default. */
const REMEMBERED = z.object({
  /** The view that the side panel shows: `files`, `search`. */
  view: setting(z.string().check(z.maxLength(40)), "files"),
  sideOpen: setting(z.boolean(), true),
  sideWidth: size(SIDE_WIDTH),
  terminalOpen: setting(z.boolean(), true),
  terminalHeight: size(TERMINAL_HEIGHT),
  terminalWidth: size(TERMINAL_WIDTH),
  terminalPosition: setting(z.enum(["bottom", "right"]), "bottom"),
  /** The panel that has the whole room, the side panel aside. */
  maximized: setting(z.enum(["none", "editor", "terminal"]), "none"),
  /** Of a phone's sheets, the one that is shown: a view, `editor` or `terminal`. */
  sheet: setting(z.string().check(z.maxLength(40)), "files"),
});

type Remembered = z.output<typeof REMEMBERED>;

export interface LayoutState extends Remembered {
  /** Nothing but editor and terminal is shown; not remembered, so that nobody comes back to a page without its bars. */
  zen: boolean;
  set: (change: Partial<Omit<LayoutState, "set" | "reveal">>) => void;
  /** Makes a panel seen: opens it on a desk, turns to its sheet on a phone. */
  reveal: (panel: string) => void;
}

const PREFIX = "atelier.layout.";

/** The layout of the workspace that was changed last: what a workspace that is new here begins with. */
const LATEST = "atelier.layout";

/** So many workspaces are remembered in one browser; the one that was longest ago is forgotten. */
export const WORKSPACES_MAX = 50;

export type LayoutStore = StoreApi<LayoutState>;

export function createLayoutStore(workspace: string): LayoutStore {
  const key = PREFIX + workspace;
  const store = createStore<LayoutState>()((set) => ({
    ...REMEMBERED.parse(stored(key) ?? stored(LATEST) ?? {}),
    zen: false,
    set: (change) => set((state) => changed(state, change)),
    reveal: (panel) => set((state) => changed(state, revealed(state, panel))),
  }));
  store.subscribe((state) => {
    const remembered = REMEMBERED.parse(state);
    keep(key, { ...remembered, at: Date.now() });
    keep(LATEST, remembered);
  });
  forgetOldest(key);
  return store;
}

/** The state itself where all is so already: every opened file reveals the editor, and nothing is to be drawn for it. */
function changed(state: LayoutState, change: Partial<LayoutState>): LayoutState {
  const next = { ...state, ...change };
  const keys = Object.keys(change) as (keyof LayoutState)[];
  return keys.every((key) => next[key] === state[key]) ? state : next;
}

function revealed(state: LayoutState, panel: string): Partial<LayoutState> {
  if (panel === "editor") {
    const maximized = state.maximized === "terminal" ? "none" : state.maximized;
    return { sheet: panel, maximized };
  }
  if (panel === "terminal") {
    const maximized = state.maximized === "editor" ? "none" : state.maximized;
    return { sheet: panel, terminalOpen: true, maximized };
  }
  return { sheet: panel, view: panel, sideOpen: true, zen: false };
}

function stored(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(key: string, value: object): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The storage is full or blocked: the panels stand as they do until the page is left.
  }
}

function forgetOldest(own: string): void {
  const others = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX) && key !== own);
  const age = (key: string) => (stored(key) as { at?: number } | undefined)?.at ?? 0;
  others.sort((a, b) => age(b) - age(a));
  for (const key of others.slice(WORKSPACES_MAX - 1)) localStorage.removeItem(key);
}
