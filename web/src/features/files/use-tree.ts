/** The tree's rows and marks, from the cache and the store. */
import { useQueries, useQuery } from "@tanstack/react-query";
import { useDeferredValue, useMemo } from "react";
import { useStore } from "zustand";
import { useErrorText } from "@/lib/error-text";
import { gitMarks } from "./gitDecorations";
import { type Directory, directoryOptions, type GitStatus, gitStatusOptions } from "./queries";
import { rootListing, shownFolders } from "./roots";
import { type Listing, TreeRows } from "./rows";
import type { TreeStore } from "./store";

const ALL: readonly string[] = [];

/** Loaded listings by path, of where the tree begins and every open folder. */
function useListings(workspace: string, expanded: ReadonlySet<string>, roots = ALL) {
  const errorText = useErrorText();
  const paths = useMemo(() => shownFolders(expanded, roots), [expanded, roots]);
  const results = useQueries({
    queries: paths.map((path) => directoryOptions(workspace, path)),
  });
  // One version number per answer tells whether anything is new, without comparing entries.
  const version = results.map((result) => `${result.dataUpdatedAt}:${result.status}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for the results.
  return useMemo(() => {
    const listings = new Map<string, Listing>();
    if (roots.length > 0) listings.set("", rootListing(roots));
    paths.forEach((path, index) => {
      const result = results[index];
      if (result?.data) listings.set(path, ready(result.data));
      else if (result?.isError) {
        listings.set(path, { state: "error", message: errorText(result.error) });
      }
    });
    return listings;
  }, [paths, roots, version, errorText]);
}

function ready({ items, missing }: Directory): Listing {
  return { state: "ready", items, missing };
}

/** The rows that are to be seen; the tree begins at `roots`, where there are any. */
export function useTreeRows(
  workspace: string,
  store: TreeStore,
  roots: readonly string[],
): TreeRows {
  const { expanded, showHidden, order, edit, filter = "" } = useStore(store);
  const listings = useListings(workspace, expanded, roots);
  // A letter must not wait until a hundred thousand names were compared with it.
  const wanted = useDeferredValue(filter.trim());
  return useMemo(
    () =>
      new TreeRows({
        listing: (path) => listings.get(path) ?? { state: "loading" },
        expanded,
        showHidden,
        order,
        filter: wanted,
        edit,
      }),
    [listings, expanded, showHidden, order, wanted, edit],
  );
}

/** Top directories of the repositories that are in sight: what holds a `.git`. */
function useRepositories(workspace: string, expanded: ReadonlySet<string>): string[] {
  const listings = useListings(workspace, expanded);
  const { data } = useQuery(directoryOptions(workspace, ""));
  return useMemo(() => {
    const roots: string[] = [];
    for (const [path, listing] of listings) {
      if (listing.state !== "ready") continue;
      if (listing.items.some(({ name }) => name === ".git")) roots.push(path);
    }
    // A clone stands in a folder of its own, which may be closed: where nothing else is, look.
    const [only, ...others] = data?.items ?? [];
    const clone = only?.kind === "directory" && others.length === 0;
    if (roots.length === 0 && clone) roots.push(only.path);
    return roots;
  }, [listings, data]);
}

/** The state of every repository in sight. */
export function useGitStatuses(workspace: string, store: TreeStore): GitStatus[] {
  const expanded = useStore(store, (state) => state.expanded);
  const repositories = useRepositories(workspace, expanded);
  const results = useQueries({
    queries: repositories.map((path) => gitStatusOptions(workspace, path)),
  });
  const version = results.map((result) => result.dataUpdatedAt).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` stands for the results.
  return useMemo(() => results.flatMap((result) => result.data ?? []), [version]);
}

/** What Git says of each path. */
export function useGitMarks(statuses: readonly GitStatus[]) {
  return useMemo(() => gitMarks(statuses), [statuses]);
}
