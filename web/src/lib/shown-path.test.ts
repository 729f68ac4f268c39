import { expect, it } from "vitest";
import { shownPath } from "./shown-path";

it.each([
  ["src/main.rs", "src/main.rs"],
  ["100%25.txt", "100%.txt"],
  ["%2525", "%25"],
  ["caf%E9", "caf\ufffd"],
])("%s is shown as %s", (path, shown) => {
  expect(shownPath(path)).toBe(shown);
});
