import { expect, test } from "vitest";
import { changedLines, linesBetween, rangesOf } from "./line-ranges";
import type { GitHunk } from "./types";

const hunk: GitHunk = {
  old_start: 1,
  old_lines: 3,
  new_start: 1,
  new_lines: 3,
  heading: "",
  first: 4,
  lines: [
    { kind: "context", text: "a", no_newline: false },
    { kind: "removed", text: "b", no_newline: false },
    { kind: "added", text: "B", no_newline: false },
    { kind: "context", text: "c", no_newline: false },
    { kind: "added", text: "d", no_newline: false },
  ],
};

test("the changed lines of a hunk are counted through the difference", () => {
  expect(changedLines(hunk)).toEqual([5, 6, 8]);
});

test("numbers become the fewest ranges", () => {
  expect(rangesOf([8, 5, 6, 6])).toEqual([
    { first: 5, last: 6 },
    { first: 8, last: 8 },
  ]);
  expect(rangesOf([])).toEqual([]);
});

test("a span takes changed lines only, from either end", () => {
  const diff = { file: "x", version: "v", binary: false, truncated: false, hunks: [hunk] };
  expect(linesBetween(diff, 8, 6)).toEqual([6, 8]);
  expect(linesBetween(diff, 5, 5)).toEqual([5]);
});
