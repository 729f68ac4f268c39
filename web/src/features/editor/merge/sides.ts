/** What a side of a merge has made of the text that both began with, and where a conflict stands in it. Pure. */
import { diffComm, diffIndices } from "node-diff3";

/** Lines of a side, from 1, the last one included; none, where lines before `first` are gone. */
export interface Change {
  first: number;
  last: number;
}

/** The comparison needs time and memory by the square of what differs, in lines. */
const DIFFERING_LINES_MAX = 10_000;

/** What is left of two texts without what both begin and end with. */
function differing(one: readonly string[], other: readonly string[]) {
  const shortest = Math.min(one.length, other.length);
  let head = 0;
  while (head < shortest && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < shortest - head && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const [left, right] = [one, other].map((lines) => lines.slice(head, lines.length - tail));
  return { head, tail, left: left ?? [], right: right ?? [] };
}

/** Where a side differs from the base; all of the middle where that is too much to compare. */
export function changesOf(base: readonly string[], side: readonly string[]): Change[] {
  const { head, left, right } = differing(base, side);
  if (left.length + right.length === 0) return [];
  if (Math.max(left.length, right.length) > DIFFERING_LINES_MAX) {
    return [{ first: head + 1, last: head + right.length }];
  }
  return diffIndices(left, right).map(({ buffer2: [start, count] }) => ({
    first: head + start + 1,
    last: head + start + count,
  }));
}

/** What two texts that began with none have in common, as lines: what differs is then small. */
export function commonOf(one: string, other: string): string {
  const lines = (text: string) => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const all = lines(one);
  const { head, tail, left, right } = differing(all, lines(other));
  const middle =
    Math.max(left.length, right.length) > DIFFERING_LINES_MAX
      ? []
      : diffComm(left, right).flatMap(({ common }) => common ?? []);
  return [...all.slice(0, head), ...middle, ...all.slice(all.length - tail)].join("");
}

/**
 * Where the lines of a conflict stand in a side: of all places with these lines, that nearest to the line
 * `near`. The place between two lines where the side has none there.
 */
export function placeOf(side: readonly string[], wanted: readonly string[], near: number): Change {
  const here = Math.max(1, Math.min(near, side.length));
  if (wanted.length === 0) return { first: here, last: here - 1 };
  const stands = (first: number) =>
    first >= 1 && wanted.every((line, index) => side[first - 1 + index] === line);
  for (let away = 0; away < side.length; away += 1) {
    for (const first of [here - away, here + away]) {
      if (stands(first)) return { first, last: first + wanted.length - 1 };
    }
  }
  return { first: here, last: here - 1 };
}
