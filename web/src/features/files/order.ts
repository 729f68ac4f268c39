/** In which order a folder's entries stand, and which of them are to be seen. Pure. */
import type { FileEntry } from "./queries";

/** What a tree can be sorted by; `name` is the server's own order. */
export const SORT_KEYS = ["name", "size", "modified", "type"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Order {
  by: SortKey;
  descending: boolean;
}

/** Whether an entry can be opened like a directory: one, or a link to one. */
export function isDirectory(entry: FileEntry): boolean {
  return (
    entry.kind === "directory" || (entry.kind === "symlink" && entry.target_kind === "directory")
  );
}

/**
 * Names that belong to tools rather than to people. Other names with a dot in front stay in sight:
 * they are configuration that is edited like everything else.
 */
const HIDDEN_NAMES = new Set([".git", ".hg", ".svn", ".DS_Store"]);

/** What follows the last dot, for sorting by type; a dot in front begins no type. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? name.slice(dot + 1).toLowerCase() : "";
}

type Compare = (left: FileEntry, right: FileEntry) => number;

const COMPARE: Record<Exclude<SortKey, "name">, Compare> = {
  size: (left, right) => left.size - right.size,
  modified: (left, right) => left.modified_at - right.modified_at,
  type: (left, right) => compareText(extensionOf(left.name), extensionOf(right.name)),
};

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** One order of each listing is kept: a tree is drawn far more often than it changes. */
const kept = new WeakMap<readonly FileEntry[], { key: string; items: readonly FileEntry[] }>();

/** The entries that are to be seen, directories first. The same array for the same question. */
export function ordered(
  items: readonly FileEntry[],
  order: Order,
  showHidden: boolean,
): readonly FileEntry[] {
  const key = `${order.by}:${order.descending}:${showHidden}`;
  const known = kept.get(items);
  if (known?.key === key) return known.items;
  const visible = showHidden ? items : items.filter(({ name }) => !HIDDEN_NAMES.has(name));
  const sorted = sort(visible, order);
  kept.set(items, { key, items: sorted });
  return sorted;
}

function sort(items: readonly FileEntry[], { by, descending }: Order): readonly FileEntry[] {
  if (by === "name" && !descending) return items;
  const directories = items.filter(isDirectory);
  const files = items.filter((entry) => !isDirectory(entry));
  if (by === "name") return [...directories.reverse(), ...files.reverse()];
  const sign = descending ? -1 : 1;
  // The sort is stable: what is alike stays in the order of names.
  const compare: Compare = (left, right) => sign * COMPARE[by](left, right);
  return [...directories.sort(compare), ...files.sort(compare)];
}
