import type { QueryClient } from "@tanstack/react-query";

/** Looking at all workspaces brings an event of each: the list is read again once for many. */
const GATHER_MS = 300;

const LIST_PATH = "/api/v1/organizations/{organization}/repositories";

const waiting = new WeakSet<QueryClient>();

/** Reads the registry of repositories again soon, for a cache. */
export function repositoryNews(client: QueryClient): void {
  if (waiting.has(client)) return;
  waiting.add(client);
  setTimeout(() => {
    waiting.delete(client);
    void client.invalidateQueries({ queryKey: ["get", LIST_PATH] });
  }, GATHER_MS);
}
