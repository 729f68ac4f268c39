/** Server data of VS Code, through Query. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { $api, api } from "@/api/client";
import type { components } from "@/api/schema.gen";

export type VsCode = components["schemas"]["VsCode"];

/** How often it is looked at while somebody looks, in milliseconds. */
const LOOK_EVERY_MS = 1_500;

/** How VS Code of a workspace is; kept fresh while it is shown. */
export function vscodeView(workspace: string) {
  return queryOptions({
    ...$api.queryOptions("get", "/api/v1/workspaces/{workspace}/vscode", {
      params: { path: { workspace } },
    }),
    staleTime: 0,
    refetchInterval: LOOK_EVERY_MS,
  });
}

/** Reads it again. */
export function refreshVsCode(client: QueryClient, workspace: string): Promise<void> {
  return client.invalidateQueries({ queryKey: vscodeView(workspace).queryKey });
}

/** What somebody can have done. */
export type Wish = "install" | "start" | "stop" | "removeProgram" | "removeData";

/** Has it done; fails with the server's words. */
export async function wish(workspace: string, what: Wish): Promise<void> {
  const params = { path: { workspace } };
  switch (what) {
    case "install":
      await api.POST("/api/v1/workspaces/{workspace}/vscode/install", { params });
      return;
    case "start":
      await api.POST("/api/v1/workspaces/{workspace}/vscode/start", { params });
      return;
    case "stop":
      await api.POST("/api/v1/workspaces/{workspace}/vscode/stop", { params });
      return;
    default: {
      const query = { program: what === "removeProgram", data: what === "removeData" };
      await api.DELETE("/api/v1/workspaces/{workspace}/vscode", { params: { ...params, query } });
    }
  }
}

/** An address that opens it, good for a minute. */
export async function vscodeAddress(workspace: string): Promise<string | undefined> {
  const { data } = await api.POST("/api/v1/workspaces/{workspace}/vscode/open", {
    params: { path: { workspace } },
  });
  return data?.url;
}
