import createFetchClient, { defaultPathSerializer } from "openapi-fetch";
import createQueryClient from "openapi-react-query";
import { shownPath } from "@/lib/shown-path";
import { apiFetch } from "./client";
import type { paths } from "./schema.gen";

/**
 * An agent serves a workspace or a server's own machine, with the same routes below another path.
 * What shows terminals, files and processes is written against the workspace's routes; a host's id
 * says which of the two is meant.
 */
const WORKSPACE_BASE = "/api/v1/workspaces/{workspace}/";
const MACHINE_BASE = "/api/v1/nodes/{workspace}/machine/";

/** Whether a host is a server's own machine, and not a workspace. */
export function isMachine(host: unknown): boolean {
  return String(host).startsWith("node_");
}

/** The path below which the agent of a workspace (`ws_…`) or of a machine (`node_…`) answers. */
export function agentPath(host: string): string {
  const base = isMachine(host) ? MACHINE_BASE : WORKSPACE_BASE;
  return base.replace("{workspace}", encodeURIComponent(host));
}

/** A path of the files API as people write it on that host. */
export function pathForPeople(host: string, path: string): string {
  return (isMachine(host) ? "/" : "") + shownPath(path);
}

/** Where a file's bytes are read and written. */
export function contentUrl(host: string, path: string, download = false): string {
  const query = new URLSearchParams(download ? { path, download: "true" } : { path });
  return `${agentPath(host)}files/content?${query}`;
}

/** The typed client, for the agent of either host: `params.path.workspace` is its id. */
export const agentApi = createFetchClient<paths>({
  baseUrl: globalThis.location?.origin,
  fetch: (request) => apiFetch(request),
  pathSerializer: (path, params) =>
    defaultPathSerializer(
      isMachine(params.workspace) ? path.replace(WORKSPACE_BASE, MACHINE_BASE) : path,
      params,
    ),
});

/** The same, for Query. */
export const $agentApi = createQueryClient(agentApi);
