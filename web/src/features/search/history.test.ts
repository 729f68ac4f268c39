import { expect, test } from "vitest";
import { remember, step } from "./history";

test("the latest stands first, each once, and nothing for ever", () => {
  expect(remember(["a", "b"], "b")).toEqual(["b", "a"]);
  expect(remember(["a"], " ")).toEqual(["a"]);
  const many = Array.from({ length: 30 }, (_, index) => String(index));
  expect(remember(many, "new")).toHaveLength(30);
});

test("steps go back to older ones, and forward to an empty field", () => {
  const history = ["c", "b", "a"];
  expect(step(history, "", true)).toBe("c");
  expect(step(history, "c", true)).toBe("b");
  expect(step(history, "a", true)).toBe("a");
  expect(step(history, "b", false)).toBe("c");
  expect(step(history, "c", false)).toBe("");
});
