import { expect, test } from "vitest";
import { rowsOf } from "./groups";

const file = (path: string, index: string, worktree: string) => ({ path, index, worktree });

test("a file that is staged in part stands in two groups, conflicts first", () => {
  const rows = rowsOf(
    [file("a", "M", "M"), file("b", "?", "?"), file("c", "A", "A"), file("d", ".", "D")],
    new Set(),
  );
  expect(rows.map(({ key }) => key)).toEqual([
    "conflicts",
    "conflicts/c",
    "staged",
    "staged/a",
    "changes",
    "changes/a",
    "changes/d",
    "untracked",
    "untracked/b",
  ]);
});

test("a closed group keeps its count and hides its files", () => {
  const rows = rowsOf([file("a", ".", "M"), file("b", ".", "M")], new Set(["changes"] as const));
  expect(rows).toEqual([
    { kind: "group", key: "changes", group: "changes", count: 2, open: false },
  ]);
});
