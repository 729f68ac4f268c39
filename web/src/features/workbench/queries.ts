/** Server data of the workspace itself, through Query. */
import { queryOptions } from "@tanstack/react-query";
import { $api } from "@/api/client";

/** Usage is a measure of the last second or two. */
const STATUS_INTERVAL_MS = 2_000;

/** The workspace; events keep it as it is. */
export function workspaceView(workspace: string) {
  return $api.queryOptions("get", "/api/v1/workspaces/{workspace}", {
    params: { path: { workspace } },
  });
}

/** What it uses and what protects it, read again while the page is seen. */
export function workspaceStatus(workspace: string) {
  return queryOptions({
    ...$api.queryOptions("get", "/api/v1/workspaces/{workspace}/status", {
      params: { path: { workspace } },
    }),
    refetchInterval: STATUS_INTERVAL_MS,
    staleTime: 0,
  });
}
