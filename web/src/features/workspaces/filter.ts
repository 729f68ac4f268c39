import type { Workspace, WorkspaceState } from "@/api/types";
import { fold } from "@/lib/fold";

/** What of the dashboard stands in the address. */
export interface DashboardSearch {
  /** Part of a name, source or owner. */
  q?: string;
  state?: WorkspaceState;
  /** The deleted ones instead of the others. */
  view?: "deleted";
  /** The create dialog is open. */
  create?: true;
}

/** The states by which a person can filter. */
export const FILTER_STATES = ["running", "starting", "stopped", "stopping", "failed"] as const;

/** Reads the address; what it does not know it leaves out. */
export function parseSearch(search: Record<string, unknown>): DashboardSearch {
  const state = FILTER_STATES.find((known) => known === search.state);
  return {
    ...(typeof search.q === "string" && search.q !== "" ? { q: search.q } : {}),
    ...(state ? { state } : {}),
    ...(search.view === "deleted" ? { view: "deleted" } : {}),
    ...(search.create === true ? { create: true } : {}),
  };
}

/** What a workspace was made from, in a few words. */
export function sourceText(source: Workspace["source"]): string {
  return source.kind === "git" ? source.url.replace(/^https?:\/\//, "") : source.template;
}

/** The workspaces that the search names, in their order. */
export function filterWorkspaces(workspaces: Workspace[], search: DashboardSearch): Workspace[] {
  const wanted = fold(search.q ?? "").trim();
  return workspaces.filter(
    (workspace) =>
      (!search.state || workspace.state === search.state) &&
      (wanted === "" ||
        [workspace.name, workspace.owner_name, sourceText(workspace.source)].some((text) =>
          fold(text).includes(wanted),
        )),
  );
}
