/** Server data of the terminals, through Query. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { $agentApi, agentApi } from "@/api/agent";
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

/** Where the terminal's output ends now; 0 when that cannot be said. */
export async function historyEnd(workspace: string, terminal: string): Promise<number> {
  try {
    const { data } = await agentApi.GET("/api/v1/workspaces/{workspace}/terminals/{terminal}", {
      params: { path: { workspace, terminal } },
    });
    return data?.end_offset ?? 0;
  } catch {
    // The stream says what is wrong, and tries again.
    return 0;
  }
}
