/** The changes of a repository in groups, as rows of one list. Pure. */
import type { GitFile } from "./types";

export type GroupId = "conflicts" | "staged" | "changes" | "untracked";

/** In the order in which they are shown. */
const GROUPS: readonly GroupId[] = ["conflicts", "staged", "changes", "untracked"];

interface GroupRow {
  kind: "group";
  key: string;
  group: GroupId;
  count: number;
  open: boolean;
}

export interface FileRow {
  kind: "file";
  key: string;
  group: GroupId;
  file: GitFile;
  /** What has happened to it: `M`, `A`, `D`, `R`, `U`, `!`. */
  letter: string;
}

export type ChangeRow = GroupRow | FileRow;

export function isConflicted({ index, worktree }: Pick<GitFile, "index" | "worktree">): boolean {
  const letters = index + worktree;
  return letters.includes("U") || letters === "AA" || letters === "DD";
}

/** In which groups a file stands: one that is staged in part stands in two. */
function groupsOf(file: GitFile): [GroupId, string][] {
  if (isConflicted(file)) return [["conflicts", "!"]];
  if (file.worktree === "?") return [["untracked", "U"]];
  const groups: [GroupId, string][] = [];
  if (file.index !== ".") groups.push(["staged", file.index]);
  if (file.worktree !== ".") groups.push(["changes", file.worktree]);
  return groups;
}

/** The rows to draw; the files of a closed group are left out. */
export function rowsOf(files: readonly GitFile[], closed: ReadonlySet<GroupId>): ChangeRow[] {
  const byGroup = new Map<GroupId, FileRow[]>();
  for (const file of files) {
    for (const [group, letter] of groupsOf(file)) {
      const rows = byGroup.get(group) ?? [];
      rows.push({ kind: "file", key: `${group}/${file.path}`, group, file, letter });
      byGroup.set(group, rows);
    }
  }
  return GROUPS.flatMap((group): ChangeRow[] => {
    const rows = byGroup.get(group);
    if (!rows) return [];
    const open = !closed.has(group);
    const head: GroupRow = { kind: "group", key: group, group, count: rows.length, open };
    return open ? [head, ...rows] : [head];
  });
}
