import { describe, expect, test } from "vitest";
import { moveInResults, nextMatch } from "./move";
import { choicesOf, countOf, cutLine, placeOf, rowsOf, withFiles } from "./results";
import { fileOf } from "./testing";

const FILES = [
  fileOf("src/a.ts", ["let x = x;", [4, 8]], ["x", [0]]),
  fileOf("src/b.ts", ["const x;", [6]]),
];
const NONE = new Map();

describe("rows", () => {
  test("files come folder by folder", () => {
    const paths = ["b.ts", "a/z.ts", "a-b.ts", "a.ts"].map((path) => fileOf(path));
    expect(withFiles([], paths).map(({ path }) => path)).toEqual([
      "a/z.ts",
      "a-b.ts",
      "a.ts",
      "b.ts",
    ]);
  });

  test("below each file stand its matches, unless it is collapsed", () => {
    const rows = rowsOf(FILES, new Set(["src/b.ts"]), NONE);
    expect(rows.map(({ key }) => key)).toEqual([
      "src/a.ts",
      "src/a.ts\n0",
      "src/a.ts\n1",
      "src/a.ts\n2",
      "src/b.ts",
    ]);
  });

  test("what was taken off the list is neither counted nor replaced", () => {
    const dismissed = new Map<string, ReadonlySet<number> | "all">([
      ["src/a.ts", new Set([1])],
      ["src/b.ts", "all"],
    ]);
    expect(countOf(FILES, dismissed)).toEqual({ files: 1, matches: 2 });
    expect(choicesOf(FILES, dismissed)).toEqual([
      { path: "src/a.ts", etag: '"src/a.ts"', matches: [0, 2] },
    ]);
    expect(rowsOf(FILES, new Set(), dismissed)).toHaveLength(3);
  });
});

describe("a match in its line", () => {
  const line = { number: 7, offset: 100, text: `${"  ".repeat(3)}let value = 1;`, cut: false };
  const match = { start: 110, end: 115 };

  test("is cut out of the text, wherever that begins", () => {
    expect(cutLine({ ...line, matches: [] }, match)).toEqual({
      before: "let ",
      found: "value",
      after: " = 1;",
    });
  });

  test("is where the editor counts from 1", () => {
    expect(placeOf({ line: { ...line, matches: [] }, match })).toEqual({
      line: 7,
      column: 111,
      endLine: 7,
      endColumn: 116,
    });
  });

  test("may be longer than the text", () => {
    const whole = { start: 106, end: 9_000 };
    expect(cutLine({ ...line, matches: [] }, whole).found).toBe("let value = 1;");
  });
});

describe("keys", () => {
  const rows = rowsOf(FILES, new Set(), NONE);
  const move = (from: string, key: string, rtl = false) => {
    const to = moveInResults(rows, from, key, rtl);
    return to && [to.row.key, to.toggle ?? false];
  };

  test("follow the tree", () => {
    expect(move("src/a.ts", "ArrowDown")).toEqual(["src/a.ts\n0", false]);
    expect(move("src/a.ts", "ArrowLeft")).toEqual(["src/a.ts", true]);
    expect(move("src/a.ts", "ArrowRight")).toEqual(["src/a.ts\n0", false]);
    expect(move("src/a.ts\n2", "ArrowLeft")).toEqual(["src/a.ts", false]);
    expect(move("src/a.ts\n2", "ArrowRight", true)).toEqual(["src/a.ts", false]);
    expect(move("src/a.ts", "End")).toEqual(["src/b.ts\n0", false]);
    expect(move("src/a.ts", "x")).toBeUndefined();
  });

  test("go from match to match, around the end", () => {
    expect(nextMatch(rows, "src/a.ts\n2", true)?.key).toBe("src/b.ts\n0");
    expect(nextMatch(rows, "src/b.ts\n0", true)?.key).toBe("src/a.ts\n0");
    expect(nextMatch(rows, undefined, false)?.key).toBe("src/b.ts\n0");
  });
});
