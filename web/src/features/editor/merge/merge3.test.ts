import { describe, expect, it } from "vitest";
import { merge3 } from "./merge3";

const BASE = "one\ntwo\nthree\nfour\nfive\n";

describe("merging", () => {
  it("takes what one side changed and the other did not", () => {
    const mine = BASE.replace("one", "ONE");
    const theirs = BASE.replace("five", "FIVE");
    expect(merge3(mine, BASE, theirs)).toEqual({
      kind: "clean",
      text: "ONE\ntwo\nthree\nfour\nFIVE\n",
    });
    expect(merge3(BASE, BASE, theirs)).toEqual({ kind: "clean", text: theirs });
    expect(merge3("", "", "")).toEqual({ kind: "clean", text: "" });
  });

  it("takes what both changed alike once", () => {
    const both = BASE.replace("three", "THREE");
    expect(merge3(both, BASE, both)).toEqual({ kind: "clean", text: both });
  });

  it("leaves what both changed to a person, with all three texts", () => {
    const merged = merge3(BASE.replace("three", "mine"), BASE, BASE.replace("three", "theirs"));
    expect(merged).toEqual({
      kind: "conflicts",
      chunks: [
        { kind: "agreed", lines: ["one\n", "two\n"] },
        { kind: "conflict", mine: ["mine\n"], base: ["three\n"], theirs: ["theirs\n"] },
        { kind: "agreed", lines: ["four\n", "five\n"] },
      ],
    });
  });

  it("knows a last line without an end from one with", () => {
    expect(merge3("a\nb", "a\nb\n", "A\nb\n")).toMatchObject({ kind: "conflicts" });
    expect(merge3("a\nx\ny\nb", "a\nx\ny\nb\n", "A\nx\ny\nb\n")).toEqual({
      kind: "clean",
      text: "A\nx\ny\nb",
    });
  });

  it("does not begin what would not end", () => {
    const many = (word: string) => `${word}\n`.repeat(30_000);
    expect(merge3(many("a"), many("b"), many("c"))).toEqual({ kind: "tooLarge" });
  });
});
