/** What a batch of changes on disk means for what is shown. Pure. */
import { isWithin, parentOf } from "./paths";

/** One change, as the watch tells it. */
export interface FileChange {
  kind: "created" | "modified" | "deleted";
  path: string;
}

/** What the watch says (crates/api/src/agent/files.rs); unknown kinds are ignored. */
export type WatchMessage =
  | { type: "ready" }
  | { type: "changes"; changes: FileChange[] }
  | { type: "rescan"; reason: string }
  | { type: "limited"; reason: string };

/** The directories whose listings are to be read again: only those that are loaded. */
export function directoriesToRead(
  changes: readonly FileChange[],
  loaded: (directory: string) => boolean,
): string[] {
  return parents(
    changes.filter(({ kind }) => kind !== "modified"),
    loaded,
  );
}

/** Those in which something has another size or time now. */
export function directoriesOfModified(
  changes: readonly FileChange[],
  loaded: (directory: string) => boolean,
): string[] {
  return parents(
    changes.filter(({ kind }) => kind === "modified"),
    loaded,
  );
}

function parents(changes: readonly FileChange[], loaded: (directory: string) => boolean): string[] {
  const directories = new Set(changes.map(({ path }) => parentOf(path)));
  return [...directories].filter(loaded);
}

/** Listings of directories that are gone. */
export function listingsToForget(
  changes: readonly FileChange[],
  loaded: Iterable<string>,
): string[] {
  const gone = changes.filter((change) => change.kind === "deleted").map((change) => change.path);
  if (gone.length === 0) return [];
  return [...loaded].filter(
    (directory) => directory !== "" && gone.some((path) => isWithin(directory, path)),
  );
}

/**
 * Whether the state of Git may have changed: anything but Git's own lock files and objects, whose
 * churn says nothing that the index and the refs do not say.
 */
export function touchesGit(changes: readonly FileChange[]): boolean {
  return changes.some(({ path }) => !/(^|\/)\.git\/(.*\.lock$|objects(\/|$))/.test(path));
}
