import { expect, test } from "vitest";
import { nextPath } from "./next-path";

test("keeps a path of ours with its query", () => {
  expect(nextPath("/workspaces/ws_1?file=a")).toBe("/workspaces/ws_1?file=a");
});

test.each([undefined, "", "https://evil.example", "//evil.example", "/\\evil.example", "settings"])(
  "leads %s home",
  (next) => {
    expect(nextPath(next)).toBe("/");
  },
);
