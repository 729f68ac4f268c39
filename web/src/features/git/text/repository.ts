/** Which repository a file is in, and what it is called there. Pure. */
import type { GitStatus } from "../types";

export interface FilePlace {
  status: GitStatus;
  /** Below the repository's top directory. */
  file: string;
}

/** The repository with the longest root that holds the file; undefined where none does. */
export function placeOf(statuses: readonly GitStatus[], path: string): FilePlace | undefined {
  const holding = statuses
    .filter(({ root }) => root === "" || path.startsWith(`${root}/`))
    .sort((left, right) => right.root.length - left.root.length);
  const status = holding[0];
  if (!status) return undefined;
  return { status, file: status.root === "" ? path : path.slice(status.root.length + 1) };
}
