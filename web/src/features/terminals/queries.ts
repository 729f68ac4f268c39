/** Server data of the terminals, through Query. */
import { keepPreviousData, type QueryClient, queryOptions } from "@tanstack/react-query";
import { $agentApi, agentApi } from "@/api/agent";
import { $api } from "@/api/client";
import type { components } from "@/api/schema.gen";

export type Terminal = components["schemas"]["Terminal"];

/** No event tells of terminals that others make or end; looking every few seconds does. */
const LIST_INTERVAL_MS = 5_000;

/** The terminals of a workspace, or of a server's machine (its id in place of the workspace's), oldest first. */
export function terminalList(workspace: string) {
  const init = { params: { path: { workspace } } };
  return queryOptions({
    ...$agentApi.queryOptions("get", "/api/v1/workspaces/{workspace}/terminals", init),
    refetchInterval: LIST_INTERVAL_MS,
    staleTime: 0,
  });
}

/** Reads the list again, after a change of ours. */
export function refreshTerminals(client: QueryClient, workspace: string): Promise<void> {
  return client.invalidateQueries({ queryKey: terminalList(workspace).queryKey });
}

/** The terminal as it is now; undefined when that cannot be said: its stream says what is wrong, and tries again. */
async function terminalNow(workspace: string, terminal: string): Promise<Terminal | undefined> {
  try {
    const { data } = await agentApi.GET("/api/v1/workspaces/{workspace}/terminals/{terminal}", {
      params: { path: { workspace, terminal } },
    });
    return data;
  } catch {
    return undefined;
  }
}

/** Where the terminal's output ends now; 0 when that cannot be said. */
export async function historyEnd(workspace: string, terminal: string): Promise<number> {
  return (await terminalNow(workspace, terminal))?.end_offset ?? 0;
}

/** Where the terminal's shell is now: its screen was not told if it was drawn anew since. */
export async function directoryOf(
  workspace: string,
  terminal: string,
): Promise<string | undefined> {
  return (await terminalNow(workspace, terminal))?.directory ?? undefined;
}

/** How many commands the history shows. */
const COMMANDS_SHOWN = 100;

/** The commands of all terminals that hold the words, each line once, newest first. */
export function commandSearch(workspace: string, query: string) {
  const params = { path: { workspace }, query: { query, distinct: true, limit: COMMANDS_SHOWN } };
  return queryOptions({
    ...$agentApi.queryOptions("get", "/api/v1/workspaces/{workspace}/terminal-commands", {
      params,
    }),
    staleTime: 0,
    placeholderData: keepPreviousData,
  });
}

export type Recording = components["schemas"]["Recording"];

/** While one is being made, it grows. */
const RECORDINGS_INTERVAL_MS = 2_000;

/** The recordings of a workspace, newest first. */
export function recordingList(workspace: string) {
  return queryOptions({
    ...$agentApi.queryOptions("get", "/api/v1/workspaces/{workspace}/recordings", {
      params: { path: { workspace } },
    }),
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.items.some(({ ended }) => ended == null) ? RECORDINGS_INTERVAL_MS : false,
  });
}

/** The links to a terminal, newest first. */
export function shareList(workspace: string, terminal: string) {
  return queryOptions({
    ...$api.queryOptions("get", "/api/v1/workspaces/{workspace}/terminals/{terminal}/shares", {
      params: { path: { workspace, terminal } },
    }),
    staleTime: 0,
    refetchInterval: LIST_INTERVAL_MS,
  });
}

/** How long it is believed that a file is there, or is not. */
const FILE_KNOWN_MS = 10_000;
/** How many paths are remembered. */
const FILES_KNOWN_MAX = 500;

/** Whether paths of the files API name files, asked once for a while. */
export function fileChecker(workspace: string): (path: string) => Promise<boolean> {
  const known = new Map<string, { at: number; exists: Promise<boolean> }>();
  const ask = async (path: string) => {
    try {
      const { data } = await agentApi.GET("/api/v1/workspaces/{workspace}/files/stat", {
        params: { path: { workspace }, query: { path } },
      });
      return data?.kind === "file";
    } catch {
      return false;
    }
  };
  return (path) => {
    const held = known.get(path);
    if (held && Date.now() - held.at < FILE_KNOWN_MS) return held.exists;
    if (known.size >= FILES_KNOWN_MAX) known.clear();
    const exists = ask(path);
    known.set(path, { at: Date.now(), exists });
    return exists;
  };
}
