import { describe, expect, it } from "vitest";
import {
  type Choice,
  conflictAt,
  conflictFrom,
  conflictsIn,
  decided,
  withMarkers,
} from "./markers";
import { merge3 } from "./merge3";

const LABELS = { mine: "Yours", base: "Before", theirs: "On disk" };

function marked(mine: string, base: string, theirs: string): string {
  const merged = merge3(mine, base, theirs);
  if (merged.kind !== "conflicts") throw new Error("no conflict");
  return withMarkers(merged.chunks, LABELS);
}

const inText = (text: string) => conflictsIn(text.split("\n"));

describe("a text with conflicts", () => {
  it("shows all three sides, and is read again", () => {
    const text = marked("a\nmine\nz\n", "a\nb\nz\n", "a\ntheirs\nz\n");
    expect(text).toBe(
      "a\n<<<<<<< Yours\nmine\n||||||| Before\nb\n=======\ntheirs\n>>>>>>> On disk\nz\n",
    );
    expect(inText(text)).toEqual([
      { first: 2, last: 8, sides: { mine: ["mine"], base: ["b"], theirs: ["theirs"] } },
    ]);
  });

  it("keeps a last line that has no end", () => {
    expect(marked("mine", "base", "theirs").endsWith(">>>>>>> On disk\n")).toBe(true);
    expect(marked("m\nz", "b\nz", "t\nz").endsWith("\nz")).toBe(true);
  });

  it("may be Git's own, without what was before, and with empty sides", () => {
    const text = "<<<<<<< HEAD\n=======\nt\n>>>>>>> 1234\n<<<<<<<\nm\n=======\n>>>>>>> x";
    expect(inText(text)).toEqual([
      { first: 1, last: 4, sides: { mine: [], theirs: ["t"] } },
      { first: 5, last: 8, sides: { mine: ["m"], theirs: [] } },
    ]);
  });

  it("is not taken in by what looks like a marker", () => {
    expect(inText("Heading\n=======\na <<<<<<< b\n<<<<<<<<< deep\n")).toEqual([]);
    // The base of a merge that had conflicts itself has longer markers.
    const nested =
      "<<<<<<< A\nm\n||||||| B\n<<<<<<<<< C\n=========\n>>>>>>>>> D\n=======\nt\n=======\n>>>>>>> E";
    expect(inText(nested)).toMatchObject([
      { first: 1, last: 10, sides: { mine: ["m"], theirs: ["t", "======="] } },
    ]);
  });

  it("says where a marker is missing", () => {
    const broken = (text: string) => inText(text).map(({ first, sides }) => [first, sides]);
    expect(broken("a\n<<<<<<< A\nm\n")).toEqual([[2, undefined]]);
    expect(broken("a\n>>>>>>> B\n")).toEqual([[2, undefined]]);
    expect(broken("<<<<<<< A\nm\n>>>>>>> B")).toEqual([[1, undefined]]);
    expect(broken("<<<<<<< A\n<<<<<<< A\n=======\n>>>>>>> B")).toEqual([
      [1, undefined],
      [2, { mine: [], theirs: [] }],
    ]);
  });

  it("is decided for one side, or for both in an order", () => {
    const sides = { mine: ["m"], theirs: ["t"] };
    const all: Choice[] = ["mine", "theirs", "mineFirst", "theirsFirst"];
    expect(all.map((choice) => decided(sides, choice).join(""))).toEqual(["m", "t", "mt", "tm"]);
  });

  it("is gone through, around its ends", () => {
    const conflicts = [2, 10].map((first) => ({ first, last: first + 3, sides: undefined }));
    const at = (line: number) => conflictAt(conflicts, line)?.first;
    expect([1, 5, 6, 13, 14].map(at)).toEqual([2, 2, 10, 10, 2]);
    const from = (line: number, by: 1 | -1) => conflictFrom(conflicts, line, by)?.first;
    expect([1, 2, 10, 20].map((line) => from(line, 1))).toEqual([2, 10, 2, 2]);
    expect([1, 2, 10, 20].map((line) => from(line, -1))).toEqual([10, 10, 2, 10]);
    expect(conflictAt([], 1)).toBeUndefined();
  });
});
