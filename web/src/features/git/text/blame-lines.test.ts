import { expect, it } from "vitest";
import { blameLines } from "./blame-lines";
import { lineChanges } from "./line-changes";

const commit = (id: string) => ({ id, subject: id, author: { name: id, email: "", at: 0 } });
const BLAME = {
  commits: [commit("first"), commit("second")],
  ranges: [
    { first: 1, count: 2, commit: 0 },
    { first: 3, count: 1, commit: 1 },
    { first: 4, count: 1, commit: 0 },
  ],
};

const blamed = (before: string, now: string) => {
  const lines = now.split("\n");
  const changes = lineChanges(before.split("\n"), lines) ?? [];
  return blameLines(BLAME, changes, lines.length).map((found) => found?.id);
};

it("follows the lines of the last commit through what was written since", () => {
  expect(blamed("a\nb\nc\nd", "a\nb\nc\nd")).toEqual(["first", "first", "second", "first"]);
  expect(blamed("a\nb\nc\nd", "new\na\nc\nD")).toEqual([undefined, "first", "second", undefined]);
  expect(blamed("a\nb\nc\nd", "c")).toEqual(["second"]);
});

it("says nothing of an empty last line", () => {
  expect(blamed("a\nb\nc\nd\n", "a\nb\nc\nd\n").at(-1)).toBeUndefined();
});
