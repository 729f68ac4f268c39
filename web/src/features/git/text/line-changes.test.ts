import { describe, expect, it } from "vitest";
import { DIFFERING_LINES_MAX, lineChanges, nextChange, standsAt, textLines } from "./line-changes";
import { linesOfChange } from "./staged-lines";

const changes = (before: string, now: string) => lineChanges(textLines(before), textLines(now));

describe("the changes of lines", () => {
  it("finds nothing in equal texts, whatever their line ends", () => {
    expect(changes("a\nb\n", "a\r\nb\r\n")).toEqual([]);
  });

  it("tells added, changed and removed lines apart", () => {
    const found = changes("a\nb\nc\nd\ne\n", "a\nB\nc\nnew\nd\n");
    expect(found).toEqual([
      { oldStart: 2, oldCount: 1, start: 2, count: 1, before: ["b"] },
      { oldStart: 3, oldCount: 0, start: 4, count: 1, before: [] },
      { oldStart: 5, oldCount: 1, start: 5, count: 0, before: ["e"] },
    ]);
  });

  it("puts what was removed at the beginning before the first line", () => {
    const [removed] = changes("a\nb\n", "b\n") ?? [];
    expect(removed).toMatchObject({ oldStart: 1, oldCount: 1, start: 0, count: 0 });
    expect(removed && standsAt(removed, 1)).toBe(true);
    expect(removed && standsAt(removed, 2)).toBe(false);
  });

  it("gives the text before when each change is taken back from the end", () => {
    const pick = (seed: number, at: number) => ((seed * 7919 + at * 104_729) >> 3) % 5;
    for (let seed = 1; seed < 200; seed += 1) {
      const before = Array.from({ length: 12 }, (_, at) => `l${pick(seed, at)}`);
      const now = Array.from({ length: 3 + (seed % 14) }, (_, at) => `l${pick(seed + 50, at * 3)}`);
      const back = [...now];
      for (const change of (lineChanges(before, now) ?? []).reverse()) {
        const at = change.count === 0 ? change.start : change.start - 1;
        back.splice(at, change.count, ...change.before);
      }
      expect(back).toEqual(before);
    }
  });

  it("does not compare what differs in too much", () => {
    const long = (text: string) => Array.from({ length: DIFFERING_LINES_MAX + 1 }, () => text);
    expect(lineChanges(long("a"), long("b"))).toBeUndefined();
    expect(lineChanges(long("a"), [...long("a"), "b"])).toHaveLength(1);
  });

  it("goes from change to change and around", () => {
    const found = changes("a\nb\nc\nd\ne\nf\n", "a\nB\nc\nd\nE\nf\n") ?? [];
    expect(nextChange(found, 1, 1)?.start).toBe(2);
    expect(nextChange(found, 2, 1)?.start).toBe(5);
    expect(nextChange(found, 5, 1)?.start).toBe(2);
    expect(nextChange(found, 5, -1)?.start).toBe(2);
    expect(nextChange(found, 2, -1)?.start).toBe(5);
    expect(nextChange([], 1, 1)).toBeUndefined();
  });
});

describe("the lines of Git's difference that a change means", () => {
  const line = (kind: "context" | "added" | "removed") => ({ kind, text: "", no_newline: false });
  const diff = {
    file: "a",
    version: "v",
    binary: false,
    truncated: false,
    hunks: [
      {
        old_start: 1,
        old_lines: 5,
        new_start: 1,
        new_lines: 5,
        heading: "",
        first: 0,
        lines: [
          line("context"),
          line("removed"),
          line("added"),
          line("context"),
          line("added"),
          line("context"),
          line("removed"),
        ],
      },
    ],
  };

  it("are the block that the change touches, and no other", () => {
    const [changed, added, removed] = changes("a\nb\nc\nd\ne\n", "a\nB\nc\nnew\nd\n") ?? [];
    expect(changed && linesOfChange(diff, changed)).toEqual([1, 2]);
    expect(added && linesOfChange(diff, added)).toEqual([4]);
    expect(removed && linesOfChange(diff, removed)).toEqual([6]);
  });
});
