/**
 * The tree's rows, found when they are looked at. What is open is a section inside that of its
 * folder, so that opening one of a hundred thousand entries costs no more than what it holds, and
 * drawing costs what is in sight. Pure; the listings are Query's.
 */
import { isDirectory, type Order, ordered } from "./order";
import { parentOf } from "./paths";
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

export interface EntryRow {
  kind: "entry";
  key: string;
  path: string;
  depth: number;
  entry: FileEntry;
  open: boolean;
  position: number;
  siblings: number;
}

/** A row that is no entry: a name being typed, or what is to be said of a folder. */
export type NoteRow = { key: string; path: string; depth: number } & (
  | { kind: "input"; entry: "file" | "directory" }
  | { kind: "loading" | "empty" | "unmatched" }
  | { kind: "error"; message: string }
  | { kind: "more"; count: number }
);

export type TreeRow = EntryRow | NoteRow;

export interface TreeInput {
  listing(path: string): Listing;
  expanded: ReadonlySet<string>;
  showHidden: boolean;
  order: Order;
  /** Only entries whose name holds this, and what leads to them; all where it is empty. */
  filter: string;
  edit?: NameEdit | undefined;
}

/** The rows of one folder, with those of the folders that are open in it. */
interface Section {
  path: string;
  depth: number;
  head: NoteRow | undefined;
  items: readonly FileEntry[];
  tail: NoteRow[];
  /** Open folders by their place among `items`; `before` counts the rows of those above. */
  open: { at: number; before: number; section: Section }[];
  /** All rows, those of open folders included. */
  size: number;
}

/** Places of paths in a list of entries, found once for each list. */
const places = new WeakMap<readonly FileEntry[], Map<string, number>>();

function placeOf(items: readonly FileEntry[], path: string): number | undefined {
  let known = places.get(items);
  if (!known) {
    known = new Map(items.map((entry, index) => [entry.path, index]));
    places.set(items, known);
  }
  return known.get(path);
}

/** The rows that are to be seen, from the top. */
export class TreeRows {
  private readonly root: Section;
  /** Where the rows of each shown folder begin. */
  private readonly starts = new Map<string, { start: number; section: Section }>();
  private readonly made = new Map<number, TreeRow>();

  constructor(private readonly input: TreeInput) {
    this.root = this.section("", 0);
    this.place(this.root, 0);
  }

  get length(): number {
    return this.root.size;
  }

  /** The row at `index`; the same object each time. */
  at(index: number): TreeRow | undefined {
    if (index < 0 || index >= this.length) return undefined;
    const known = this.made.get(index);
    if (known) return known;
    const row = rowOf(this.root, index);
    if (row) this.made.set(index, row);
    return row;
  }

  /** The rows from `first` to before `end`, as far as there are any. */
  slice(first: number, end: number): TreeRow[] {
    const rows: TreeRow[] = [];
    for (let index = first; index < end; index += 1) {
      const row = this.at(index);
      if (row) rows.push(row);
    }
    return rows;
  }

  /** Where the entry `path` stands; -1 when it is not to be seen. */
  indexOf(path: string | undefined): number {
    if (path === undefined) return -1;
    // What stands at the top need not lie in the root: a server's owner may permit only some folders.
    for (const folder of [parentOf(path), ""]) {
      const found = this.starts.get(folder);
      const at = found && placeOf(found.section.items, path);
      if (found && at !== undefined) return found.start + rowsBefore(found.section, at);
    }
    return -1;
  }

  /** The row of the entry `path`. */
  find(path: string | undefined): EntryRow | undefined {
    const row = this.at(this.indexOf(path));
    return row?.kind === "entry" ? row : undefined;
  }

  /** The first entry from `index` on, in steps of 1 or -1. */
  entryFrom(index: number, step: 1 | -1): EntryRow | undefined {
    for (let at = index; at >= 0 && at < this.length; at += step) {
      const row = this.at(at);
      if (row?.kind === "entry") return row;
    }
    return undefined;
  }

  /** The entries between two places, both included. */
  entriesBetween(from: number, to: number): EntryRow[] {
    const entries: EntryRow[] = [];
    for (let index = Math.min(from, to); index <= Math.max(from, to); index += 1) {
      const row = this.at(index);
      if (row?.kind === "entry") entries.push(row);
    }
    return entries;
  }

  private section(path: string, depth: number): Section {
    const section: Section = {
      path,
      depth,
      head: undefined,
      items: [],
      tail: [],
      open: [],
      size: 0,
    };
    const { edit } = this.input;
    const note = { path, depth };
    if (edit?.kind === "create" && edit.parent === path) {
      section.head = { ...note, kind: "input", key: `${path}/\0input`, entry: edit.entry };
    }
    const listing = this.input.listing(path);
    if (listing.state === "loading") {
      section.tail.push({ ...note, kind: "loading", key: `${path}/\0loading` });
    } else if (listing.state === "error") {
      const { message } = listing;
      section.tail.push({ ...note, kind: "error", key: `${path}/\0error`, message });
    } else {
      this.fill(section, listing.items);
      if (listing.missing > 0) {
        const count = listing.missing;
        section.tail.push({ ...note, kind: "more", key: `${path}/\0more`, count });
      }
    }
    const inner = section.open.reduce((rows, { section: { size } }) => rows + size, 0);
    section.size = (section.head ? 1 : 0) + section.items.length + section.tail.length + inner;
    return section;
  }

  private fill(section: Section, all: readonly FileEntry[]): void {
    const { order, showHidden, expanded, filter, edit } = this.input;
    const { path, depth } = section;
    let items = ordered(all, order, showHidden);
    const inner = new Map<string, Section>();
    // Few folders are open, and many entries are there: ask the former.
    for (const folder of expanded) {
      const at = folder !== "" ? placeOf(items, folder) : undefined;
      const entry = at === undefined ? undefined : items[at];
      if (entry && isDirectory(entry)) inner.set(folder, this.section(folder, depth + 1));
    }
    if (filter !== "") {
      const wanted = filter.toLocaleLowerCase();
      items = items.filter(
        (entry) =>
          entry.name.toLocaleLowerCase().includes(wanted) ||
          (inner.get(entry.path)?.items.length ?? 0) > 0,
      );
    }
    section.items = items;
    const open = [...inner].flatMap(([folder, child]) => {
      const at = placeOf(items, folder);
      return at === undefined ? [] : [{ at, before: 0, section: child }];
    });
    open.sort((left, right) => left.at - right.at);
    let before = 0;
    for (const place of open) {
      place.before = before;
      before += place.section.size;
    }
    section.open = open;
    if (items.length > 0 || edit !== undefined) return;
    if (filter === "") section.tail.push({ kind: "empty", key: `${path}/\0empty`, path, depth });
    else if (depth === 0) {
      section.tail.push({ kind: "unmatched", key: `${path}/\0unmatched`, path, depth });
    }
  }

  private place(section: Section, start: number): void {
    this.starts.set(section.path, { start, section });
    for (const { at, section: inner } of section.open) {
      this.place(inner, start + rowsBefore(section, at) + 1);
    }
  }
}

/** How many of a section's rows stand above its entry number `at`. */
function rowsBefore(section: Section, at: number): number {
  const above = lastOpen(section, (place) => place.at < at);
  return (section.head ? 1 : 0) + at + (above ? above.before + above.section.size : 0);
}

/** The last open folder for which `holds`, which holds for all above it too. */
function lastOpen(section: Section, holds: (place: Section["open"][number]) => boolean) {
  let [low, high] = [0, section.open.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const place = section.open[middle];
    if (place && holds(place)) low = middle + 1;
    else high = middle;
  }
  return section.open[low - 1];
}

function rowOf(section: Section, index: number): TreeRow | undefined {
  const row = index - (section.head ? 1 : 0);
  if (row < 0) return section.head;
  const above = lastOpen(section, (place) => place.at + place.before < row);
  const first = above ? above.at + above.before + 1 : 0;
  if (above && row < first + above.section.size) return rowOf(above.section, row - first);
  const at = row - (above ? above.before + above.section.size : 0);
  const entry = section.items[at];
  if (!entry) return section.tail[at - section.items.length];
  return {
    kind: "entry",
    key: entry.path,
    path: entry.path,
    depth: section.depth,
    entry,
    open: section.open.some((place) => place.at === at),
    position: at + 1,
    siblings: section.items.length,
  };
}
