import type { InfiniteData } from "@tanstack/react-query";

interface PageOf<Item> {
  items: Item[];
  next_cursor?: string | null | undefined;
}

/** For `$api.useInfiniteQuery`: begins without a cursor and follows `next_cursor`. */
export const PAGED = {
  initialPageParam: null,
  getNextPageParam: (last: PageOf<unknown>) => last.next_cursor ?? undefined,
};

/** The rows of all pages read so far. */
export function itemsOf<Item>(data: InfiniteData<PageOf<Item>, unknown> | undefined): Item[] {
  return data?.pages.flatMap((page) => page.items) ?? [];
}
