import type { NodeJobGroup } from "@/api/types";

/** The parts of the jobs page. */
export const JOB_TABS = ["jobs", "schedules"] as const;

/** How jobs can be narrowed. */
export const JOB_GROUPS: readonly NodeJobGroup[] = [
  "awaiting_approval",
  "active",
  "failed",
  "ended",
];

/** What of the jobs page stands in the address. */
export interface JobsSearch {
  tab?: "schedules" | undefined;
  state?: NodeJobGroup;
  /** Only the jobs of this schedule. */
  schedule?: string;
  /** The dialog for a new job or schedule is open. */
  add?: true;
}

/** Reads the address; what it does not know it leaves out. */
export function parseSearch(search: Record<string, unknown>): JobsSearch {
  const state = JOB_GROUPS.find((known) => known === search.state);
  return {
    ...(search.tab === "schedules" ? { tab: "schedules" as const } : {}),
    ...(state ? { state } : {}),
    ...(typeof search.schedule === "string" ? { schedule: search.schedule } : {}),
    ...(search.add === true ? { add: true as const } : {}),
  };
}
