/** What Git says of each path, for the tree: files and the directories above them. Pure. */
import { ancestorsOf, joinPath, parentOf } from "./paths";
import type { GitFile, GitStatus } from "./queries";

/** Strongest first: a directory shows the strongest of what is below it. */
const GIT_MARKS = ["conflicted", "deleted", "modified", "renamed", "added", "untracked"] as const;
export type GitMark = (typeof GIT_MARKS)[number];

/** The letter that stands beside a name. */
export const GIT_LETTERS: Record<GitMark, string> = {
  conflicted: "!",
  deleted: "D",
  modified: "M",
  renamed: "R",
  added: "A",
  untracked: "U",
};

/** What the two letters of `git status` mean together. */
export function markOf(file: Pick<GitFile, "index" | "worktree">): GitMark | undefined {
  const letters = file.index + file.worktree;
  if (letters.includes("U") || letters === "AA" || letters === "DD") return "conflicted";
  if (letters.includes("?")) return "untracked";
  if (file.worktree === "D" || letters === "D.") return "deleted";
  if (file.index === "R" || file.index === "C") return "renamed";
  if (file.index === "A") return "added";
  return /[MT]/.test(letters) ? "modified" : undefined;
}

/** What Git says of each path below the workspace root. */
export interface GitMarks {
  byPath: ReadonlyMap<string, GitMark>;
  /** Git names a directory that it does not know, but nothing in it. */
  unknownDirectories: ReadonlySet<string>;
}

/** The marks of several repositories. */
export function gitMarks(statuses: readonly GitStatus[]): GitMarks {
  const marks = new Map<string, GitMark>();
  const unknownDirectories = new Set<string>();
  for (const status of statuses) {
    for (const file of status.files) {
      const mark = markOf(file);
      if (!mark) continue;
      // Git writes an untracked directory with a slash behind it.
      const path = joinPath(status.root, file.path.replace(/\/$/, ""));
      if (file.path.endsWith("/")) unknownDirectories.add(path);
      marks.set(path, mark);
      markAncestors(marks, path, status.root, mark);
    }
  }
  return { byPath: marks, unknownDirectories };
}

/** The mark of one path. */
export function markAt(marks: GitMarks, path: string): GitMark | undefined {
  const own = marks.byPath.get(path);
  if (own || marks.unknownDirectories.size === 0) return own;
  const unknown = ancestorsOf(path).some((directory) => marks.unknownDirectories.has(directory));
  return unknown ? "untracked" : undefined;
}

function markAncestors(
  marks: Map<string, GitMark>,
  path: string,
  root: string,
  mark: GitMark,
): void {
  // A deletion is news inside the directory, not a deletion of it.
  const above = mark === "deleted" ? "modified" : mark;
  for (
    let directory = parentOf(path);
    directory !== root && directory !== "";
    directory = parentOf(directory)
  ) {
    const before = marks.get(directory);
    if (before && GIT_MARKS.indexOf(before) <= GIT_MARKS.indexOf(above)) return;
    marks.set(directory, above);
  }
}

/** The repository that holds `path`: the one with the longest root. */
export function repositoryOf(
  statuses: readonly GitStatus[],
  path: string | undefined,
): GitStatus | undefined {
  const holding = statuses.filter((status) => {
    return status.root === "" || path === status.root || path?.startsWith(`${status.root}/`);
  });
  holding.sort((left, right) => right.root.length - left.root.length);
  return holding[0] ?? statuses[0];
}
