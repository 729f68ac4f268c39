/**
 * Where a tree begins. A workspace's begins at its root, and so does a server's own, unless the
 * server's owner permits only some folders of it: then those stand in the root's place. Pure.
 */
import { encodeName, isWithin } from "./paths";
import type { Listing } from "./rows";

/** What a person may reach of the files of a host. */
export interface FileLimits {
  /** Only these folders and what is below them; none where everything may be reached. */
  roots: readonly string[];
  readOnly: boolean;
}

/** Everything, for reading and writing: a workspace. */
export const NO_LIMITS: FileLimits = { roots: [], readOnly: false };

/** The absolute paths of a policy as the API addresses them; one inside another is no root of its own. */
export function rootsOf(absolute: readonly string[]): string[] {
  const paths = absolute.map((path) => encodeName(path.split("/").filter(Boolean).join("/")));
  const all = [...new Set(paths)].sort();
  return all.includes("")
    ? []
    : all.filter((path) => !all.some((other) => other !== path && isWithin(path, other)));
}

/** The roots as the content of a folder above them, which nobody may read. */
export function rootListing(roots: readonly string[]): Listing {
  const items = roots.map((path) => ({
    name: `/${path.replaceAll("%25", "%")}`,
    path,
    kind: "directory" as const,
    size: 0,
    modified_at: 0,
    mode: 0,
  }));
  return { state: "ready", items, missing: 0 };
}

/** The folders whose content is shown. */
export function shownFolders(expanded: Iterable<string>, roots: readonly string[]): string[] {
  if (roots.length === 0) return ["", ...expanded];
  return [...expanded].filter((path) => roots.some((root) => isWithin(path, root)));
}

/** The folder that is meant: what stands above the roots takes nothing in, so the first root does. */
export function folderWithin(folder: string, roots: readonly string[]): string {
  return folder === "" ? (roots[0] ?? "") : folder;
}
