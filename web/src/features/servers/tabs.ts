import { isRange, type Range } from "./charts/ranges";

/** The parts of a server's page. */
export const SERVER_TABS = ["overview", "terminals"] as const;

export interface ServerSearch {
  tab?: "terminals";
  /** Of the overview's charts. */
  range?: Range;
}

/** Reads the address; what it does not know it leaves out. */
export function parseTab(search: Record<string, unknown>): ServerSearch {
  return {
    ...(search.tab === "terminals" ? { tab: "terminals" } : {}),
    ...(isRange(search.range) ? { range: search.range } : {}),
  };
}
