import { describe, expect, it } from "vitest";
import { fileCandidates, pathInRoot, safeUrl } from "./links";

describe("links", () => {
  it("opens addresses and nothing that runs", () => {
    expect(safeUrl("https://example.org/a?b")).toBe("https://example.org/a?b");
    expect(safeUrl("mailto:ada@example.org")).toBe("mailto:ada@example.org");
    for (const bad of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      " javascript:alert(1)",
      "data:text/html,<script>alert(1)</script>",
      "file:///etc/passwd",
      "vbscript:x",
      "blob:https://x/y",
      "//example.org",
      "<img src=x onerror=alert(1)>",
      "",
    ]) {
      expect(safeUrl(bad), bad).toBeUndefined();
    }
  });

  it("finds files as compilers and tools name them", () => {
    const found = (text: string) =>
      fileCandidates(text).map(({ path, line, column }) => [path, line, column]);
    expect(found("  --> src/main.rs:12:5")).toEqual([["src/main.rs", 12, 5]]);
    expect(found("src/a.ts(3,14): error TS1")).toEqual([["src/a.ts", 3, 14]]);
    expect(found('  File "/workspace/app.py", line 7, in <module>')).toEqual([
      ["/workspace/app.py", 7, undefined],
    ]);
    expect(found("./run.sh: line 3: oops")).toEqual([["./run.sh", undefined, undefined]]);
    expect(found("make:12: x")).toEqual([["make", 12, undefined]]);
    expect(found("see https://example.org/a.html now")).not.toContainEqual(
      expect.arrayContaining(["//example.org/a.html"]),
    );
    expect(found("just words 1.2.3 12:30")).toEqual([]);
  });

  it("says where they stand", () => {
    const [candidate] = fileCandidates("at src/a.ts:3:1.");
    expect(candidate && "at src/a.ts:3:1.".slice(candidate.start, candidate.end)).toBe(
      "src/a.ts:3:1",
    );
  });

  it("stays below the root", () => {
    const at = (path: string, directory = "/workspace/app") =>
      pathInRoot(path, directory, "/workspace");
    expect(at("src/a.ts")).toBe("app/src/a.ts");
    expect(at("./a/../b")).toBe("app/b");
    expect(at("/workspace/x")).toBe("x");
    expect(at("../../etc/passwd")).toBeUndefined();
    expect(at("/etc/passwd")).toBeUndefined();
    expect(at("/workspaces/x")).toBeUndefined();
    expect(at("~/x")).toBeUndefined();
    expect(pathInRoot("etc/x", "/", "/")).toBe("etc/x");
  });
});
