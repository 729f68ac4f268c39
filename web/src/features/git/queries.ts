/** Server data of Git, through Query. */
import type { QueryClient } from "@tanstack/react-query";

export const GIT = "/api/v1/workspaces/{workspace}/git/";

/** Reads everything that Git says again. */
export function refreshGit(client: QueryClient): Promise<void> {
  return client.invalidateQueries({
    predicate: ({ queryKey }) => String(queryKey[1]).startsWith(GIT),
  });
}
