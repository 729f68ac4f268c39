import { describe, expect, it } from "vitest";
import { configPaths, conventionsFor, globMatches, parseEditorConfig } from "./editorconfig";

describe("a section's name", () => {
  // After the cases of editorconfig-core-test (glob/*.in).
  it.each([
    ["*", "a/b.c", true],
    ["*.py", "deep/er/x.py", true],
    ["*.py", "x.pyc", false],
    ["/*.py", "x.py", true],
    ["/*.py", "a/x.py", false],
    ["a*e.c", "a/e.c", false],
    ["Bar/foo.txt", "Bar/foo.txt", true],
    ["Bar/foo.txt", "x/Bar/foo.txt", false],
    ["a**z.c", "a/mnop/z.c", true],
    ["b/**z.c", "b/mnop/z.c", true],
    ["c/**/z.c", "c/z.c", true],
    ["**/z.c", "z.c", true],
    ["som?.c", "some.c", true],
    ["som?.c", "som/.c", false],
    ["[ab].a", "a.a", true],
    ["[!ab].b", "a.b", false],
    ["[!ab].b", "c.b", true],
    ["[d-g].c", "f.c", true],
    ["[abd-g].d", "e.d", true],
    ["[!d-g].e", "f.e", false],
    ["*.{py,js,html}", "x.js", true],
    ["*.{py,js,html}", "x.jsx", false],
    ["{single}.b", "{single}.b", true],
    ["{single}.b", "single.b", false],
    ["{}.c", "{}.c", true],
    ["a{b,c,}.d", "a.d", true],
    ["{some,{j}}.a", "{j}.a", true],
    ["{word,{also},this}.g", "{also}.g", true],
    ["{aardvark..antelope}", "{aardvark..antelope}", true],
    ["{3..120}", "15", true],
    ["{3..120}", "121", false],
    ["{-3..2}", "-1", true],
    ["ab[e/]cd.i", "ab[e/]cd.i", true],
    ["ab\\*.x", "ab*.x", true],
    ["ab\\*.x", "abc.x", false],
    ["{unclosed", "{unclosed", true],
    ["Makefile", "lib/Makefile", true],
  ])("%s and %s: %s", (glob, path, matches) => {
    expect(globMatches(glob, path)).toBe(matches);
  });

  it("cannot keep the page busy", () => {
    expect(globMatches("{1..999999999}", "7")).toBe(true);
    expect(globMatches("{a,b}".repeat(40), "a")).toBe(false);
  });
});

const PROJECT = parseEditorConfig(`\ufeffroot = true
; a comment
[*]
indent_style = space
indent_size = 2
end_of_line = lf
TRIM_TRAILING_WHITESPACE = True
insert_final_newline = true

[*.go]
indent_style = tab
indent_size = tab
tab_width = 8
nonsense
[*.bat]
end_of_line = crlf
charset = latin1
`);

describe("what a project says", () => {
  it("is read by the nearest folder, and the later section", () => {
    const configs = [{ folder: "app", config: PROJECT }];
    expect(conventionsFor("app/src/x.ts", configs)).toEqual({
      indentStyle: "space",
      indentSize: 2,
      tabWidth: 2,
      endOfLine: "lf",
      trimTrailingWhitespace: true,
      insertFinalNewline: true,
    });
    expect(conventionsFor("app/x.go", configs)).toMatchObject({
      indentStyle: "tab",
      indentSize: 8,
      tabWidth: 8,
    });
    expect(conventionsFor("app/run.bat", configs)).toMatchObject({
      endOfLine: "crlf",
      charset: "latin1",
    });
  });

  it("does not reach over a root, and yields to what stands nearer", () => {
    const outer = parseEditorConfig("[*]\nindent_size = 8\nmax_line_length = 80\n");
    const inner = parseEditorConfig("[*]\nindent_size = unset\n");
    const configs = [
      { folder: "", config: outer },
      { folder: "app", config: PROJECT },
      { folder: "app/lib", config: inner },
    ];
    const said = conventionsFor("app/lib/x.ts", configs);
    expect(said.maxLineLength).toBeUndefined();
    expect(said.indentSize).toBeUndefined();
    expect(said.indentStyle).toBe("space");
  });

  it("may stand in every folder above", () => {
    expect(configPaths("a/b/c.ts").map(({ path }) => path)).toEqual([
      ".editorconfig",
      "a/.editorconfig",
      "a/b/.editorconfig",
    ]);
  });
});
