/** Which entries are chosen, and what a click or key makes of that. Pure. */
import { ancestorsOf } from "./paths";
import type { TreeRows } from "./rows";

export interface Selection {
  /** The chosen entries; what nothing else is said of is meant for all of them. */
  paths: ReadonlySet<string>;
  /** Where a range begins. */
  anchor: string | undefined;
}

export const NOTHING: Selection = { paths: new Set(), anchor: undefined };

/** Only this one. */
export function only(path: string | undefined): Selection {
  return path === undefined ? NOTHING : { paths: new Set([path]), anchor: path };
}

/** This one as well, or no longer. */
export function toggled({ paths }: Selection, path: string): Selection {
  const next = new Set(paths);
  if (!next.delete(path)) next.add(path);
  return { paths: next, anchor: path };
}

/** All from the anchor to this one, and no others. */
export function extended(selection: Selection, rows: TreeRows, path: string): Selection {
  const from = rows.indexOf(selection.anchor);
  const to = rows.indexOf(path);
  if (from < 0 || to < 0) return only(path);
  const entries = rows.entriesBetween(from, to);
  return { paths: new Set(entries.map((row) => row.path)), anchor: selection.anchor };
}

/** All entries in sight. */
export function everything(rows: TreeRows): Selection {
  const entries = rows.entriesBetween(0, rows.length - 1);
  return { paths: new Set(entries.map((row) => row.path)), anchor: entries[0]?.path };
}

/** What an action on `path` is meant for: all that is chosen, if it is among them. */
export function targetsOf({ paths }: Selection, path: string | undefined): string[] {
  if (path === undefined) return outermost([...paths]);
  return paths.has(path) ? outermost([...paths]) : [path];
}

/** Without those that lie in another of them: they go where that goes. */
export function outermost(paths: readonly string[]): string[] {
  const chosen = new Set(paths);
  return paths.filter((path) => !ancestorsOf(path).some((above) => chosen.has(above)));
}
