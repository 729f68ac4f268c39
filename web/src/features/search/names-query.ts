import { keepPreviousData } from "@tanstack/react-query";
import { $agentApi } from "@/api/agent";

/** How soon and how often the same is asked again while the names are being read again. */
const AGAIN_MS = 250;
const AGAIN_MAX = 8;

/** The files of a workspace whose paths fit. */
export function foundNames(workspace: string, query: string, recent: string[], hidden: boolean) {
  return $agentApi.queryOptions(
    "post",
    "/api/v1/workspaces/{workspace}/search/names",
    { params: { path: { workspace } }, body: { query, recent, hidden } },
    {
      placeholderData: keepPreviousData,
      // The next time somebody looks, other files may be there.
      staleTime: 0,
      gcTime: 10_000,
      refetchInterval: ({ state }) =>
        state.data?.refreshing && state.dataUpdateCount < AGAIN_MAX ? AGAIN_MS : false,
    },
  );
}
