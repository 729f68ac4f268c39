/** Server data of the file tree, through Query. */
import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { agentApi } from "@/api/agent";
import { api } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";

export type FileEntry = components["schemas"]["FileEntry"];
export type GitStatus = components["schemas"]["GitStatus"];
export type GitFile = components["schemas"]["GitFile"];

/** A directory's entries; `missing` counts those beyond the bound. */
export interface Directory {
  items: FileEntry[];
  missing: number;
}

/** No one scrolls through more, and each entry costs memory in the page. */
const ENTRIES_MAX = 100_000;

const LIST_PATH = "/api/v1/workspaces/{workspace}/files/list";

/** The key of a directory's listing. */
export function directoryKey(workspace: string, path: string) {
  return ["get", LIST_PATH, { params: { path: { workspace }, query: { path } } }] as const;
}

/** One directory, all pages of it. The watch keeps it fresh, so it never grows stale by itself. */
export function directoryOptions(workspace: string, path: string) {
  return queryOptions({
    queryKey: directoryKey(workspace, path),
    staleTime: Number.POSITIVE_INFINITY,
    // To compare ten thousand entries with those before costs more than to draw the few in sight.
    structuralSharing: false,
    queryFn: async ({ signal }): Promise<Directory> => {
      const items: FileEntry[] = [];
      let cursor: string | undefined;
      let total = 0;
      do {
        const { data } = await agentApi.GET(LIST_PATH, {
          params: {
            path: { workspace },
            query: cursor === undefined ? { path } : { path, cursor },
          },
          signal,
        });
        if (!data) break;
        items.push(...data.items);
        total = data.total;
        cursor = data.next_cursor ?? undefined;
      } while (cursor !== undefined && items.length < ENTRIES_MAX);
      return { items, missing: cursor === undefined ? 0 : Math.max(0, total - items.length) };
    },
  });
}

const GIT_PATH = "/api/v1/workspaces/{workspace}/git/status";

/** The state of the repository at `path`; null where there is none. */
export function gitStatusOptions(workspace: string, path: string) {
  const init = { params: { path: { workspace }, query: { path } } };
  return queryOptions({
    queryKey: ["get", GIT_PATH, init] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }): Promise<GitStatus | null> => {
      try {
        const { data } = await api.GET(GIT_PATH, { ...init, signal });
        return data ?? null;
      } catch (error) {
        if (error instanceof ApiError && error.code === "not_found") return null;
        throw error;
      }
    },
  });
}

/** Reads the state of every shown repository again. */
export function refreshGit(client: QueryClient): Promise<void> {
  return client.invalidateQueries({ queryKey: ["get", GIT_PATH] });
}

/** Directories of the workspace that are loaded, by path. */
export function loadedDirectories(client: QueryClient, workspace: string): string[] {
  const queries = client.getQueryCache().findAll({ queryKey: ["get", LIST_PATH] });
  return queries.flatMap(({ queryKey }) => {
    const init = queryKey[2] as ReturnType<typeof directoryKey>[2];
    return init.params.path.workspace === workspace ? [init.params.query.path] : [];
  });
}

/** The key of a workspace's trash. */
export function trashKey(workspace: string) {
  return ["get", "/api/v1/workspaces/{workspace}/files/trash", { workspace }] as const;
}
