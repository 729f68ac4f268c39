import { expect, test } from "vitest";
import { hasOrphan, moved, todoOf, wireTodo } from "./todo";
import type { GitCommit } from "./types";

const person = { name: "Ada", email: "a@example.org", at: 0 };
const commit = (id: string): GitCommit => ({
  id,
  parents: [],
  author: person,
  committer: person,
  subject: id,
  references: [],
});

test("the list begins with the oldest, and moves within its ends", () => {
  const list = todoOf([commit("c"), commit("b"), commit("a")]);
  expect(list.map((item) => item.commit.id)).toEqual(["a", "b", "c"]);
  expect(moved(list, 0, 1).map((item) => item.commit.id)).toEqual(["b", "a", "c"]);
  expect(moved(list, 0, -1)).toEqual(list);
});

test("what stays first cannot be joined to something before it", () => {
  const list = todoOf([commit("b"), commit("a")]);
  expect(hasOrphan(list)).toBe(false);
  expect(
    hasOrphan([
      { commit: commit("a"), action: "drop" },
      { commit: commit("b"), action: "fixup" },
    ]),
  ).toBe(true);
});

test("a message goes only with what takes one", () => {
  const item = { commit: commit("a"), message: "new" };
  expect(
    wireTodo([
      { ...item, action: "pick" },
      { ...item, action: "reword" },
    ]),
  ).toEqual([
    { action: "pick", commit: "a" },
    { action: "reword", commit: "a", message: "new" },
  ]);
});
