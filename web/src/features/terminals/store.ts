/** What the page remembers of the terminals: what each stream says. */
import { create } from "zustand";
import type { StreamState } from "./stream";

interface TerminalsState {
  /** What the streams say, by terminal; absent where it has not been shown yet. */
  streams: Readonly<Record<string, StreamState>>;
  /** xterm.js keeps a readable copy of the screen for screen readers. */
  screenReader: boolean;
  setStream: (terminal: string, state: StreamState) => void;
  forget: (terminal: string) => void;
  setScreenReader: (on: boolean) => void;
}

const SCREEN_READER_KEY = "atelier.terminals.screenReader";

export const useTerminals = create<TerminalsState>((set, get) => ({
  streams: {},
  screenReader: localStorage.getItem(SCREEN_READER_KEY) === "on",
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
