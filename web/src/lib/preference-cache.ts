/** The account's preferences through Query, and those of the last visit for the first paint. */
import { queryOptions } from "@tanstack/react-query";
import { $api } from "@/api/client";
import { queryClient } from "@/api/query-client";
import type { Preference } from "@/api/types";
import { accountView } from "./session";
import { whenPersonGoes } from "./tab-person";

const KEY = "atelier.preferences";

interface Cached {
  account: string;
  items: Preference[];
}

/** Those of the signed-in account; absent when this browser has none, or another person's. */
export function cachedPreferences(): Preference[] | undefined {
  const account = queryClient.getQueryData(accountView().queryKey)?.id;
  const text = localStorage.getItem(KEY);
  if (account === undefined || text === null) return undefined;
  try {
    const cached = JSON.parse(text) as Cached;
    return cached.account === account && Array.isArray(cached.items) ? cached.items : undefined;
  } catch {
    // Somebody else's text under our key: as good as none.
    return undefined;
  }
}

export function cachePreferences(account: string, items: Preference[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ account, items } satisfies Cached));
  } catch {
    // The storage is full or blocked: the next first paint has the defaults.
  }
}

whenPersonGoes(() => localStorage.removeItem(KEY));

/** All preferences of the signed-in account; before the answer, those of the last visit. */
export function preferenceList() {
  return queryOptions({
    ...$api.queryOptions("get", "/api/v1/me/preferences"),
    initialData: () => {
      const items = cachedPreferences();
      return items && { items };
    },
    initialDataUpdatedAt: 0,
  });
}
