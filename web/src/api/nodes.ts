import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "./client";
import { itemsOf, PAGED } from "./paged";
import type { Node, NodeFilter } from "./types";

/** The most that one page gives. */
const PAGE_LIMIT = 200;

/** Events keep servers fresh; only the measured latency changes without one. */
const LATENCY_INTERVAL_MS = 15_000;

/** How often the figures in a list are read again, for each page that is shown. */
const USAGE_INTERVAL_MS = 15_000;

/** An organization's servers, oldest first, page after page. */
export function useNodeList(organization: string, filter: NodeFilter) {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/nodes",
    { params: { path: { organization }, query: { limit: PAGE_LIMIT, ...filter } } },
    {
      ...PAGED,
      // What was found stays in sight while the next letters are looked for.
      placeholderData: keepPreviousData,
      // What servers use changes without an event. Of many pages all are read again: more seldom.
      refetchInterval: ({ state }) =>
        USAGE_INTERVAL_MS * Math.max(1, state.data?.pages.length ?? 1),
    },
  );
  return { ...query, nodes: itemsOf<Node>(query.data) };
}

/** The first servers of an organization: to choose one from. `enabled` as in Query. */
export function useNodeChoices(organization: string, search = "", enabled = true) {
  return $api.useQuery(
    "get",
    "/api/v1/organizations/{organization}/nodes",
    {
      params: {
        path: { organization },
        query: { limit: PAGE_LIMIT, ...(search === "" ? {} : { search }) },
      },
    },
    { enabled, placeholderData: keepPreviousData },
  );
}

/** One server, live. */
export function useNode(node: string, enabled = true) {
  return $api.useQuery(
    "get",
    "/api/v1/nodes/{node}",
    { params: { path: { node } } },
    {
      enabled,
      refetchInterval: ({ state }) => (state.data?.local ? false : LATENCY_INTERVAL_MS),
    },
  );
}

/**
 * The server of a workspace. Cards share one read of the first servers; only who is not among them
 * is asked for alone.
 */
export function useNodeAmong(organization: string, id: string): Node | undefined {
  const first = useNodeChoices(organization);
  const among = first.data?.items.find((node) => node.id === id);
  const alone = useNode(id, first.data !== undefined && among === undefined);
  return among ?? alone.data;
}
