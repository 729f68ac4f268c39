import { $api } from "./client";
import { itemsOf, PAGED } from "./paged";

/** The most that one page gives. */
const PAGE_LIMIT = 200;

/** An organization's workspaces, or its deleted ones that can be restored; of one server, or of all. */
export function useWorkspaceList(organization: string, deleted = false, node?: string) {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/workspaces",
    {
      params: {
        path: { organization },
        query: { limit: PAGE_LIMIT, deleted, ...(node === undefined ? {} : { node }) },
      },
    },
    PAGED,
  );
  return { ...query, workspaces: itemsOf(query.data) };
}
