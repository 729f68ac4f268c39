import { expect, it } from "vitest";
import { initials } from "./presence";

it("calls people by their initials, whatever their name is", () => {
  for (const [name, expected] of [
    ["Ada Lovelace", "AL"],
    ["ada", "A"],
    ["Ada (guest)", "AG"],
    ["عائشة بنت محمد", "عب"],
    ["  ", "?"],
    ["<img>", "I"],
    ["🙂 Zoë", "Z"],
  ] as const) {
    expect(initials(name), name).toBe(expected);
  }
});
