/** Server data of ports, through Query. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { $api, api } from "@/api/client";
import type { components } from "@/api/schema.gen";

export type Port = components["schemas"]["Port"];
export type PortVisibility = components["schemas"]["PortVisibility"];
export type PortAddressing = components["schemas"]["PortAddressing"];

/** What a workspace listens on, by number, with what is set for its ports. */
export function portList(workspace: string) {
  return queryOptions({
    ...$api.queryOptions("get", "/api/v1/workspaces/{workspace}/ports", {
      params: { path: { workspace } },
    }),
    staleTime: 0,
  });
}

/** Reads the ports again: something listens, or was set. */
export function refreshPorts(client: QueryClient, workspace: string): Promise<void> {
  return client.invalidateQueries({ queryKey: portList(workspace).queryKey });
}

/** Sets a port's name or who may see it. */
export async function updatePort(
  workspace: string,
  port: number,
  change: components["schemas"]["PortUpdate"],
): Promise<void> {
  await api.PATCH("/api/v1/workspaces/{workspace}/ports/{port}", {
    params: { path: { workspace, port } },
    body: change,
  });
}

/** An address that opens a port, good for a minute. */
export async function openPort(
  workspace: string,
  port: number,
  path: string,
  addressing?: PortAddressing,
): Promise<components["schemas"]["PortOpened"] | undefined> {
  const { data } = await api.POST("/api/v1/workspaces/{workspace}/ports/{port}/open", {
    params: { path: { workspace, port } },
    body: { path, ...(addressing && { addressing }) },
  });
  return data;
}
