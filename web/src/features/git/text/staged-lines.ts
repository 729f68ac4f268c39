/** Which lines of Git's own difference a change of the editor means. Pure. */
import type { GitFileDiff } from "../types";
import type { LineChange } from "./line-changes";

/**
 * The numbers of the changed lines that stand together with it. Git may put a change a few lines
 * further than the editor (equal lines can not be told apart), so whole blocks are meant.
 */
export function linesOfChange(diff: GitFileDiff, change: LineChange): number[] {
  return blocksOf(diff)
    .filter((block) => block.some(({ old, now }) => meant(change, old, now)))
    .flat()
    .map(({ number }) => number);
}

interface ChangedLine {
  number: number;
  /** Its line on the side where it stands. */
  old?: number;
  now?: number;
}

function meant(change: LineChange, old: number | undefined, now: number | undefined): boolean {
  if (old !== undefined) {
    return change.oldStart <= old && old < change.oldStart + change.oldCount;
  }
  return now !== undefined && change.start <= now && now < change.start + change.count;
}

/** Changed lines with no unchanged one between them. */
function blocksOf(diff: GitFileDiff): ChangedLine[][] {
  const blocks: ChangedLine[][] = [];
  for (const hunk of diff.hunks) {
    let old = hunk.old_start;
    let now = hunk.new_start;
    let block: ChangedLine[] = [];
    for (const [index, { kind }] of hunk.lines.entries()) {
      const number = hunk.first + index;
      if (kind === "context") {
        old += 1;
        now += 1;
        if (block.length > 0) blocks.push(block);
        block = [];
      } else if (kind === "removed") {
        block.push({ number, old });
        old += 1;
      } else {
        block.push({ number, now });
        now += 1;
      }
    }
    if (block.length > 0) blocks.push(block);
  }
  return blocks;
}
