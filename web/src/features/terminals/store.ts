/** What the page remembers of the terminals: which is shown, and what each stream says. */
import { create } from "zustand";
import type { StreamState } from "./stream";

interface TerminalsState {
  /** The shown terminal of each workspace. */
  active: Readonly<Record<string, string>>;
  /** What the streams say, by terminal; absent where it has not been shown yet. */
  streams: Readonly<Record<string, StreamState>>;
  /** xterm.js keeps a readable copy of the screen for screen readers. */
  screenReader: boolean;
  show: (workspace: string, terminal: string) => void;
  setStream: (terminal: string, state: StreamState) => void;
  forget: (terminal: string) => void;
  setScreenReader: (on: boolean) => void;
}

const ACTIVE_KEY = "atelier.terminals.active";
const SCREEN_READER_KEY = "atelier.terminals.screenReader";

function storedActive(): Record<string, string> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(ACTIVE_KEY) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, string>) : {};
  } catch {
    return {};
  }
}

export const useTerminals = create<TerminalsState>((set, get) => ({
  active: storedActive(),
  streams: {},
  screenReader: localStorage.getItem(SCREEN_READER_KEY) === "on",
  show: (workspace, terminal) => {
    const active = { ...get().active, [workspace]: terminal };
    localStorage.setItem(ACTIVE_KEY, JSON.stringify(active));
    set({ active });
  },
  setStream: (terminal, state) => set({ streams: { ...get().streams, [terminal]: state } }),
  forget: (terminal) => {
    const { [terminal]: _, ...streams } = get().streams;
    set({ streams });
  },
  setScreenReader: (on) => {
    localStorage.setItem(SCREEN_READER_KEY, on ? "on" : "off");
    set({ screenReader: on });
  },
}));
