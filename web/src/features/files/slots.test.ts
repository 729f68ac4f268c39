import { describe, expect, it } from "vitest";
import { Slots } from "./slots";

const slotsOf = (slots: Slots, keys: string[]) => keys.map((key) => slots.assign(keys).get(key));

describe("Slots", () => {
  it("keeps a row's element while others come before it", () => {
    const slots = new Slots();
    expect(slotsOf(slots, ["read.md"])).toEqual([0]);
    expect(slotsOf(slots, ["blob.bin", "code.ts", "read.md"])).toEqual([1, 2, 0]);
  });

  it("gives the element of a row that has gone to one that comes", () => {
    const slots = new Slots();
    expect(slotsOf(slots, ["a", "b", "c"])).toEqual([0, 1, 2]);
    expect(slotsOf(slots, ["b", "c", "d"])).toEqual([1, 2, 0]);
    expect(slotsOf(slots, ["x", "y", "z"])).toEqual([0, 1, 2]);
  });

  it("never draws two rows in one element", () => {
    const slots = new Slots();
    slots.assign(["a", "b"]);
    expect(new Set(slotsOf(slots, ["c", "b", "d", "a"])).size).toBe(4);
  });
});
