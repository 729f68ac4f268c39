import { describe, expect, it } from "vitest";
import { changesOf, commonOf, placeOf } from "./sides";

const lines = (text: string) => text.split("");

describe("a side of a merge", () => {
  it("shows what it has changed, added and taken away", () => {
    expect(changesOf(lines("abcdef"), lines("abcdef"))).toEqual([]);
    expect(changesOf(lines("abcdef"), lines("aXcdef"))).toEqual([{ first: 2, last: 2 }]);
    expect(changesOf(lines("abcdef"), lines("abXYcdef"))).toEqual([{ first: 3, last: 4 }]);
    expect(changesOf(lines("abcdef"), lines("abef"))).toEqual([{ first: 3, last: 2 }]);
    expect(changesOf(lines("abcdef"), lines("Xbcdefgh"))).toEqual([
      { first: 1, last: 1 },
      { first: 7, last: 8 },
    ]);
    expect(changesOf([], lines("ab"))).toEqual([{ first: 1, last: 2 }]);
  });

  it("does not begin a comparison that would not end", () => {
    const many = (line: string) => Array.from({ length: 20_000 }, () => line);
    expect(changesOf(["x", ...many("a")], ["x", ...many("b")])).toEqual([
      { first: 2, last: 20_001 },
    ]);
    expect(commonOf(`x\n${"a\n".repeat(20_000)}z`, `x\n${"b\n".repeat(20_000)}z`)).toBe("x\nz");
  });

  it("has with another one the lines that both have", () => {
    expect(commonOf("a\nb\nc\nd\n", "a\nX\nc\nY\nd\n")).toBe("a\nc\nd\n");
    expect(commonOf("a\n", "b")).toBe("");
  });

  it("has a conflict's lines where they are nearest", () => {
    const side = lines("abcabcabc");
    expect(placeOf(side, ["b", "c"], 5)).toEqual({ first: 5, last: 6 });
    expect(placeOf(side, ["b", "c"], 7)).toEqual({ first: 8, last: 9 });
    expect(placeOf(side, ["a"], 100)).toEqual({ first: 7, last: 7 });
    expect(placeOf(side, [], 4)).toEqual({ first: 4, last: 3 });
    expect(placeOf(side, ["x"], 4)).toEqual({ first: 4, last: 3 });
    expect(placeOf([], ["x"], 4)).toEqual({ first: 1, last: 0 });
  });
});
