/** What was looked for before, the latest first; remembered in this browser. */
import { create } from "zustand";
import { persist } from "zustand/middleware";

/** So many are remembered. */
const REMEMBERED_MAX = 30;

interface HistoryState {
  queries: readonly string[];
  add: (query: string) => void;
}

export const useSearchHistory = create<HistoryState>()(
  persist(
    (set) => ({
      queries: [],
      add: (query) => set(({ queries }) => ({ queries: remember(queries, query) })),
    }),
    { name: "atelier.search.history", partialize: ({ queries }) => ({ queries }) },
  ),
);

/** With one more at the front, each once. */
export function remember(history: readonly string[], query: string): string[] {
  if (query.trim() === "") return [...history];
  return [query, ...history.filter((other) => other !== query)].slice(0, REMEMBERED_MAX);
}

/** The one that stands beyond the current one; `older` goes back in time. */
export function step(history: readonly string[], current: string, older: boolean): string {
  const at = history.indexOf(current);
  const next = older ? at + 1 : at - 1;
  return history[next] ?? (older ? current : "");
}
