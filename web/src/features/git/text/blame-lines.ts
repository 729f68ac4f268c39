/** Who has written each line of a text as it is now, from blame of the last commit. Pure. */
import type { GitBlame, GitBlameCommit } from "../types";
import type { LineChange } from "./line-changes";

/** The commit of each line, the first line first; undefined for what is not committed yet. */
export function blameLines(
  { commits, ranges }: GitBlame,
  changes: readonly LineChange[],
  lineCount: number,
): (GitBlameCommit | undefined)[] {
  const committed: (GitBlameCommit | undefined)[] = [];
  for (const { first, count, commit } of ranges) {
    for (let line = first; line < first + count; line += 1) committed[line] = commits[commit];
  }
  const lines: (GitBlameCommit | undefined)[] = [];
  let old = 1;
  for (const change of changes) {
    const until = change.count === 0 ? change.start : change.start - 1;
    while (lines.length < until) lines.push(committed[old++]);
    for (let index = 0; index < change.count; index += 1) lines.push(undefined);
    old += change.oldCount;
  }
  while (lines.length < lineCount) lines.push(committed[old++]);
  return lines;
}
