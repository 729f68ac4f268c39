/** Which lines of a difference are chosen, as ranges for the server. Pure. */
import type { GitFileDiff, GitHunk, GitLineRange } from "./types";

/** The numbers of a hunk's changed lines. */
export function changedLines(hunk: GitHunk): number[] {
  return hunk.lines.flatMap((line, index) => (line.kind === "context" ? [] : hunk.first + index));
}

/** Numbers, in any order, as the fewest ranges. */
export function rangesOf(lines: Iterable<number>): GitLineRange[] {
  const ranges: GitLineRange[] = [];
  for (const line of [...new Set(lines)].sort((left, right) => left - right)) {
    const last = ranges.at(-1);
    if (last && last.last + 1 === line) last.last = line;
    else ranges.push({ first: line, last: line });
  }
  return ranges;
}

/** The changed lines between two of them, both included, whichever comes first. */
export function linesBetween(diff: GitFileDiff, from: number, to: number): number[] {
  const [first, last] = from < to ? [from, to] : [to, from];
  return diff.hunks.flatMap(changedLines).filter((line) => first <= line && line <= last);
}
