import { isRange, type Range } from "./charts/ranges";

/** The parts of a server's page. */
export const SERVER_TABS = [
  "overview",
  "terminals",
  "files",
  "processes",
  "jobs",
  "workspaces",
  "events",
] as const;

export interface ServerSearch {
  tab?: Exclude<(typeof SERVER_TABS)[number], "overview">;
  /** Of the overview's charts. */
  range?: Range;
}

/** Reads the address; what it does not know it leaves out. */
export function parseTab(search: Record<string, unknown>): ServerSearch {
  const tab = SERVER_TABS.find((known) => known === search.tab);
  return {
    ...(tab === undefined || tab === "overview" ? {} : { tab }),
    ...(isRange(search.range) ? { range: search.range } : {}),
  };
}
