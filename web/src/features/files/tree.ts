/**
 * The file tree as a list of rows: what is open is laid out flat, so that ten thousand entries
 * can be virtualized and the keyboard moves by index. Pure; the listings are Query's.
 */
import { baseName, isWithin, joinPath, parentOf } from "./paths";
import type { FileEntry } from "./queries";

/** What is known of a directory's content. */
export type Listing =
  | { state: "loading" }
  | { state: "error"; message: string }
  | { state: "ready"; items: readonly FileEntry[]; missing: number };

/** A name being typed: for a new entry in `parent`, or for the entry `path`. */
export type NameEdit =
  | { kind: "create"; parent: string; entry: "file" | "directory" }
  | { kind: "rename"; path: string };

export type TreeRow =
  | {
      kind: "entry";
      key: string;
      path: string;
      depth: number;
      entry: FileEntry;
      open: boolean;
      position: number;
      siblings: number;
    }
  | { kind: "input"; key: string; path: string; depth: number; entry: "file" | "directory" }
  | { kind: "loading" | "empty"; key: string; path: string; depth: number }
  | { kind: "error"; key: string; path: string; depth: number; message: string }
  | { kind: "more"; key: string; path: string; depth: number; count: number };

export type EntryRow = Extract<TreeRow, { kind: "entry" }>;

export interface TreeInput {
  listing(path: string): Listing;
  expanded: ReadonlySet<string>;
  showHidden: boolean;
  edit?: NameEdit | undefined;
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

/** The rows that are to be seen, from the top. */
export function layoutRows(input: TreeInput): TreeRow[] {
  const rows: TreeRow[] = [];
  appendDirectory(rows, input, "", 0);
  return rows;
}

function appendDirectory(rows: TreeRow[], input: TreeInput, path: string, depth: number): void {
  if (input.edit?.kind === "create" && input.edit.parent === path) {
    rows.push({ kind: "input", key: `${path}/\0input`, path, depth, entry: input.edit.entry });
  }
  const listing = input.listing(path);
  if (listing.state === "loading") {
    rows.push({ kind: "loading", key: `${path}/\0loading`, path, depth });
    return;
  }
  if (listing.state === "error") {
    rows.push({ kind: "error", key: `${path}/\0error`, path, depth, message: listing.message });
    return;
  }
  const items = input.showHidden
    ? listing.items
    : listing.items.filter((entry) => !HIDDEN_NAMES.has(entry.name));
  items.forEach((entry, index) => {
    const open = isDirectory(entry) && input.expanded.has(entry.path);
    rows.push({
      kind: "entry",
      key: entry.path,
      path: entry.path,
      depth,
      entry,
      open,
      position: index + 1,
      siblings: items.length,
    });
    if (open) appendDirectory(rows, input, entry.path, depth + 1);
  });
  if (items.length === 0 && input.edit === undefined) {
    rows.push({ kind: "empty", key: `${path}/\0empty`, path, depth });
  }
  if (listing.missing > 0) {
    rows.push({ kind: "more", key: `${path}/\0more`, path, depth, count: listing.missing });
  }
}

/** Where a key leads: another row, or a folder opened or closed. */
export type TreeMove =
  | { kind: "focus"; path: string }
  | { kind: "expand" | "collapse"; path: string }
  | { kind: "none" };

/** What an arrow, Home or End does (WAI-ARIA tree pattern). `rtl` mirrors left and right. */
export function moveByKey(
  rows: readonly TreeRow[],
  focused: string | undefined,
  key: string,
  rtl: boolean,
): TreeMove {
  const entries = rows.filter((row): row is EntryRow => row.kind === "entry");
  if (entries.length === 0) return { kind: "none" };
  const index = entries.findIndex((row) => row.path === focused);
  const at = entries[index];
  const focusAt = (position: number): TreeMove => {
    const row = entries[Math.max(0, Math.min(entries.length - 1, position))];
    return row ? { kind: "focus", path: row.path } : { kind: "none" };
  };
  if (key === "Home" || (!at && key === "ArrowDown")) return focusAt(0);
  if (key === "End") return focusAt(entries.length - 1);
  if (!at) return { kind: "none" };
  if (key === "ArrowDown") return focusAt(index + 1);
  if (key === "ArrowUp") return focusAt(index - 1);
  if (key === "PageDown") return focusAt(index + PAGE_ROWS);
  if (key === "PageUp") return focusAt(index - PAGE_ROWS);
  if (key === (rtl ? "ArrowLeft" : "ArrowRight")) {
    if (!isDirectory(at.entry)) return { kind: "none" };
    if (!at.open) return { kind: "expand", path: at.path };
    const next = entries[index + 1];
    return next && next.depth > at.depth ? focusAt(index + 1) : { kind: "none" };
  }
  if (key === (rtl ? "ArrowRight" : "ArrowLeft")) {
    if (at.open) return { kind: "collapse", path: at.path };
    return at.depth > 0 ? { kind: "focus", path: parentOf(at.path) } : { kind: "none" };
  }
  return { kind: "none" };
}

/** About a screenful. */
const PAGE_ROWS = 20;

/**
 * The row that typed letters mean: the next one after the focused whose name begins with them.
 * One letter repeated walks through the names that begin with it.
 */
export function findByTyping(
  rows: readonly TreeRow[],
  focused: string | undefined,
  typed: string,
): string | undefined {
  const entries = rows.filter((row): row is EntryRow => row.kind === "entry");
  const repeated = typed.length > 1 && [...typed].every((letter) => letter === typed[0]);
  const prefix = (repeated ? typed.slice(0, 1) : typed).toLocaleLowerCase();
  const from =
    entries.findIndex((row) => row.path === focused) + (typed.length === 1 || repeated ? 1 : 0);
  const start = Math.max(0, from);
  const ordered = [...entries.slice(start), ...entries.slice(0, start)];
  return ordered.find((row) => row.entry.name.toLocaleLowerCase().startsWith(prefix))?.path;
}

/** Where dropping `from` on `target` would move it; undefined where that means nothing. */
export function dropDestination(
  from: string,
  target: { path: string; directory: boolean },
): string | undefined {
  const directory = target.directory ? target.path : parentOf(target.path);
  if (from === "" || isWithin(directory, from) || parentOf(from) === directory) return undefined;
  return joinPath(directory, baseName(from));
}
