import { expect, test } from "vitest";
import { hasKeyboard } from "./viewport";

test("a keyboard is told from a browser's bar, a turn and a zoom", () => {
  const phone = { width: 390, scale: 1 };
  expect(hasKeyboard({ ...phone, height: 780 })).toBe(false);
  // The address bar comes and goes.
  expect(hasKeyboard({ ...phone, height: 844 })).toBe(false);
  expect(hasKeyboard({ ...phone, height: 780 })).toBe(false);
  expect(hasKeyboard({ ...phone, height: 500 })).toBe(true);
  expect(hasKeyboard({ ...phone, height: 400, scale: 2 })).toBe(false);
  // Turned: lower, and no keyboard.
  expect(hasKeyboard({ width: 844, scale: 1, height: 390 })).toBe(false);
  expect(hasKeyboard({ width: 844, scale: 1, height: 200 })).toBe(true);
  expect(hasKeyboard({ width: 844, scale: 1, height: 390 })).toBe(false);
});
