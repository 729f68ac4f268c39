/**
 * How a text differs from what it was, line by line. Pure; the comparison is `node-diff3`'s.
 */
import { diffIndices } from "node-diff3";

/** Lines that stand in place of others: lines from 1, `count` of them; 0 where only one side has some. */
export interface LineChange {
  /** Of the text before; with a count of 0 the line after which something was added. */
  oldStart: number;
  oldCount: number;
  /** Of the text now; with a count of 0 the line after which something was removed. */
  start: number;
  count: number;
  /** The lines that were there before. */
  before: readonly string[];
}

/** The comparison needs time by the square of what differs, and runs while a person types. */
export const DIFFERING_LINES_MAX = 4_000;

/** Longer texts are not compared: a keystroke would wait for it. */
const LINES_MAX = 50_000;

/** The lines of a text as an editor counts them, without their ends. */
export function textLines(text: string): string[] {
  return text.split(/\r\n|\r|\n/);
}

/** The changes, in order; undefined where the texts differ in too much. */
export function lineChanges(
  before: readonly string[],
  now: readonly string[],
): LineChange[] | undefined {
  if (before.length > LINES_MAX || now.length > LINES_MAX) return undefined;
  const shortest = Math.min(before.length, now.length);
  let head = 0;
  while (head < shortest && before[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const old = before.slice(head, before.length - tail);
  const mine = now.slice(head, now.length - tail);
  if (old.length > DIFFERING_LINES_MAX || mine.length > DIFFERING_LINES_MAX) return undefined;
  const parts =
    old.length === 0 || mine.length === 0
      ? old.length + mine.length === 0
        ? []
        : [{ buffer1: [0, old.length], buffer2: [0, mine.length] }]
      : diffIndices(old, mine);
  return parts.map(({ buffer1, buffer2 }) => {
    const [oldAt = 0, oldCount = 0] = buffer1;
    const [at = 0, count = 0] = buffer2;
    return {
      oldStart: head + oldAt + (oldCount === 0 ? 0 : 1),
      oldCount,
      start: head + at + (count === 0 ? 0 : 1),
      count,
      before: old.slice(oldAt, oldAt + oldCount),
    };
  });
}

/** Whether a change stands at a line of the text now; what was removed stands at the line above it. */
export function standsAt(change: LineChange, line: number): boolean {
  if (change.count === 0) return line === Math.max(change.start, 1);
  return change.start <= line && line < change.start + change.count;
}

/** The change after a line, or before it; around the end to the other one. */
export function nextChange(
  changes: readonly LineChange[],
  line: number,
  step: 1 | -1,
): LineChange | undefined {
  if (step === 1) return changes.find(({ start }) => start > line) ?? changes[0];
  return (
    changes.findLast(({ start, count }) => start + Math.max(count, 1) <= line) ?? changes.at(-1)
  );
}
