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
  /** The time that charts show. */
  range?: Range;
  /** Of the workspaces, the one whose charts are open. */
  workspace?: string;
}

/** Reads the address; what it does not know it leaves out. */
export function parseTab(search: Record<string, unknown>): ServerSearch {
  const tab = SERVER_TABS.find((known) => known === search.tab);
  return {
    ...(tab === undefined || tab === "overview" ? {} : { tab }),
    ...(isRange(search.range) ? { range: search.range } : {}),
    ...(typeof search.workspace === "string" ? { workspace: search.workspace } : {}),
  };
}
