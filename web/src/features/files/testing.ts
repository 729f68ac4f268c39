/** A small tree for tests. */
import type { FileEntry } from "./queries";
import { type Listing, type TreeInput, TreeRows } from "./rows";

export function entry(path: string, change: Partial<FileEntry> = {}): FileEntry {
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    kind: "file",
    size: 1,
    modified_at: 0,
    mode: 0o644,
    ...change,
  };
}

export function folder(path: string): FileEntry {
  return entry(path, { kind: "directory", size: 0 });
}

export function ready(items: readonly FileEntry[], missing = 0): Listing {
  return { state: "ready", items, missing };
}

const LISTINGS: Record<string, Listing> = {
  "": ready([folder(".git"), folder("src"), entry("Cargo.toml"), entry("README.md")]),
  src: ready([folder("src/lib"), entry("src/main.rs")], 3),
  "src/lib": { state: "error", message: "no permission" },
};

/** Its rows, with what the test changes of it. */
export function rowsOf(change: Partial<TreeInput> = {}): TreeRows {
  return new TreeRows({
    listing: (path) => LISTINGS[path] ?? { state: "loading" },
    expanded: new Set(),
    showHidden: false,
    order: { by: "name", descending: false },
    filter: "",
    ...change,
  });
}

/** All rows, as `kind:path`. */
export function shown(rows: TreeRows): string[] {
  return Array.from({ length: rows.length }, (_, index) => {
    const row = rows.at(index);
    return `${row?.kind}:${row?.path}`;
  });
}
