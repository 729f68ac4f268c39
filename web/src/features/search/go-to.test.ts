import { expect, test } from "vitest";
import { wantedOf } from "./go-to";

test.each([
  ["main", { query: "main" }],
  ["main.rs:12", { query: "main.rs", line: 12 }],
  ["src main:12:3", { query: "src main", line: 12, column: 3 }],
  ["main:", { query: "main" }],
  ["main:12:", { query: "main", line: 12 }],
  [":7", { query: "", line: 7 }],
  ["main:0", { query: "main", line: 1 }],
  ["a:b", { query: "a:b" }],
  ["", { query: "" }],
])("%s", (text, wanted) => {
  expect(wantedOf(text)).toEqual(wanted);
});
