import { describe, expect, it } from "vitest";
import { editText } from "./edit-text";
import { pathOfUri, systemPathOf, uriOf } from "./places";

const edit = (line: number, from: number, to: number, newText: string) => ({
  range: { start: { line, character: from }, end: { line, character: to } },
  newText,
});

describe("edits of a text that is not open", () => {
  it("are all of the text as it was, in UTF-16", () => {
    const text = "a😀b\r\nsecond\nthird";
    const edits = [edit(0, 3, 4, "X"), edit(2, 0, 5, "3"), edit(1, 0, 0, "("), edit(1, 0, 0, "[")];
    expect(editText(text, edits)).toBe("a😀X\r\n([second\n3");
  });

  it("beyond its end are at its end", () => {
    expect(editText("a\n", [edit(9, 0, 0, "z")])).toBe("a\nz");
    expect(editText("", [edit(0, 0, 0, "z")])).toBe("z");
  });
});

describe("names of files", () => {
  it("are the same on both sides, however they are escaped", () => {
    const workspace = "file:///work%20space/";
    const uri = uriOf(workspace, "src/[id]/a b#.ts");
    expect(uri).toBe("file:///work%20space/src/%5Bid%5D/a%20b%23.ts");
    expect(pathOfUri(workspace, uri)).toBe("src/[id]/a b#.ts");
    expect(pathOfUri(workspace, "file:///work space/src/[id]/a b#.ts")).toBe("src/[id]/a b#.ts");
    expect(pathOfUri(workspace, "file:///usr/lib/x.d.ts")).toBeUndefined();
    expect(systemPathOf("file:///usr/lib/x.d.ts")).toBe("usr/lib/x.d.ts");
  });
});
