import { expect, test } from "vitest";
import { setupToken } from "./setup-token";

test("reads the token from the fragment, then from the query", () => {
  expect(setupToken("#token=abc", "")).toBe("abc");
  expect(setupToken("", "?token=def")).toBe("def");
  expect(setupToken("#token=abc", "?token=def")).toBe("abc");
  expect(setupToken("", "")).toBe("");
});
