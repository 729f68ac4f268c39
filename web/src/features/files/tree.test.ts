import { describe, expect, it } from "vitest";
import { directoriesToRead, listingsToForget, touchesGit } from "./changes";
import { gitMarks, markAt, markOf, repositoryOf } from "./gitDecorations";
import {
  ancestorsOf,
  encodeName,
  isWithin,
  movedPath,
  nameFault,
  numberedName,
  parentOf,
} from "./paths";
import type { GitStatus } from "./queries";
import { rowsOf } from "./testing";
import { findByTyping, folderOf, movable, moveByKey } from "./tree";

describe("keys", () => {
  const rows = rowsOf({ expanded: new Set(["src"]) });

  it("move, open and close as the tree pattern says", () => {
    expect(moveByKey(rows, undefined, "ArrowDown", false)).toEqual({ kind: "focus", path: "src" });
    expect(moveByKey(rows, "src", "ArrowRight", false)).toEqual({ kind: "focus", path: "src/lib" });
    expect(moveByKey(rows, "src/lib", "ArrowRight", false)).toEqual({
      kind: "expand",
      path: "src/lib",
    });
    expect(moveByKey(rows, "src/main.rs", "ArrowLeft", false)).toEqual({
      kind: "focus",
      path: "src",
    });
    expect(moveByKey(rows, "src", "ArrowLeft", false)).toEqual({ kind: "collapse", path: "src" });
    expect(moveByKey(rows, "README.md", "ArrowDown", false)).toEqual({
      kind: "focus",
      path: "README.md",
    });
    expect(moveByKey(rows, "README.md", "ArrowRight", false)).toEqual({ kind: "none" });
    expect(moveByKey(rows, "README.md", "Home", false)).toEqual({ kind: "focus", path: "src" });
    expect(moveByKey(rows, "src", "End", false)).toEqual({ kind: "focus", path: "README.md" });
    const none = rowsOf({ listing: () => ({ state: "loading" }) });
    expect(moveByKey(none, undefined, "End", false)).toEqual({ kind: "none" });
    expect(moveByKey(none, undefined, "ArrowDown", false)).toEqual({ kind: "none" });
  });

  it("mirror from right to left", () => {
    expect(moveByKey(rows, "src/lib", "ArrowLeft", true)).toEqual({
      kind: "expand",
      path: "src/lib",
    });
    expect(moveByKey(rows, "src", "ArrowRight", true)).toEqual({ kind: "collapse", path: "src" });
  });

  it("find names by their first letters, walking on when one is repeated", () => {
    expect(findByTyping(rows, "src", "r")).toBe("README.md");
    expect(findByTyping(rows, "README.md", "s")).toBe("src");
    expect(findByTyping(rows, "src", "ss")).toBe("src");
    expect(findByTyping(rows, "src", "car")).toBe("Cargo.toml");
    expect(findByTyping(rows, "src", "zz")).toBeUndefined();
  });
});

describe("dropping", () => {
  it("means the folder, or the one that the file lies in", () => {
    const rows = rowsOf({ expanded: new Set(["src"]) });
    expect(folderOf(rows.find("src"))).toBe("src");
    expect(folderOf(rows.find("src/main.rs"))).toBe("src");
    expect(folderOf(undefined)).toBe("");
  });

  it("moves nothing to where it is, or into itself", () => {
    expect(movable(["README.md", "src/lib"], "")).toEqual(["src/lib"]);
    expect(movable(["src", "README.md"], "src/lib")).toEqual(["README.md"]);
    expect(movable(["src"], "src")).toEqual([]);
  });
});

describe("names and paths", () => {
  it("of the same beginning are not mistaken for folders", () => {
    expect(isWithin("src2/a", "src")).toBe(false);
    expect(isWithin("src/a", "src")).toBe(true);
    expect(movedPath("src2/a", "src", "lib")).toBe("src2/a");
    expect(movedPath("src/a", "src", "lib")).toBe("lib/a");
    expect(parentOf("a")).toBe("");
    expect(ancestorsOf("a/b/c")).toEqual(["a", "a/b"]);
    expect(encodeName("100%.txt")).toBe("100%25.txt");
  });

  it.each([
    ["report.txt", "report (2).txt"],
    ["report (2).txt", "report (3).txt"],
    ["a.tar.gz", "a (2).tar.gz"],
    [".env", ".env (2)"],
    ["Makefile", "Makefile (2)"],
  ])("%s is followed by %s", (name, next) => {
    expect(numberedName(name)).toBe(next);
  });

  it.each([
    ["", "empty"],
    ["a/b", "slash"],
    ["..", "dots"],
    ["a\u0000", "control"],
    ["ع".repeat(128), "long"],
    ["taken", "taken"],
    ["😀 ok.txt", undefined],
  ])("%j is %s", (name, fault) => {
    expect(nameFault(name, (other) => other === "taken")).toBe(fault);
  });
});

describe("changes", () => {
  const changes = [
    { kind: "created", path: "src/new.rs" },
    { kind: "modified", path: "README.md" },
    { kind: "deleted", path: "old" },
  ] as const;

  it("read again only what is loaded and lists differently", () => {
    expect(directoriesToRead(changes, () => true)).toEqual(["src", ""]);
    expect(directoriesToRead(changes, (path) => path === "")).toEqual([""]);
    expect(listingsToForget(changes, ["", "old", "old/below", "older"])).toEqual([
      "old",
      "old/below",
    ]);
  });

  it("inside Git's store concern Git, its locks and objects do not", () => {
    expect(touchesGit([{ kind: "modified", path: "repo/.git/HEAD" }])).toBe(true);
    expect(touchesGit([{ kind: "created", path: "repo/.git/index.lock" }])).toBe(false);
    expect(touchesGit([{ kind: "created", path: ".git/objects/ab/cd" }])).toBe(false);
    expect(touchesGit([{ kind: "modified", path: "a.ts" }])).toBe(true);
  });
});

describe("Git's marks", () => {
  const status: GitStatus = {
    root: "repo",
    ahead: 0,
    behind: 0,
    truncated: false,
    files: [
      { path: "src/a.rs", index: ".", worktree: "M" },
      { path: "src/new/", index: "?", worktree: "?" },
      { path: "gone.rs", index: ".", worktree: "D" },
    ],
  };

  it("stand on files and on the folders above them", () => {
    const marks = gitMarks([status]);
    expect(markAt(marks, "repo/src/a.rs")).toBe("modified");
    expect(markAt(marks, "repo/src/new")).toBe("untracked");
    expect(markAt(marks, "repo/src/new/deep/file.rs")).toBe("untracked");
    expect(markAt(marks, "repo/src/b.rs")).toBeUndefined();
    expect(markAt(marks, "repo/src")).toBe("modified");
    expect(markAt(marks, "repo/gone.rs")).toBe("deleted");
    expect(markAt(marks, "repo")).toBeUndefined();
  });

  it.each([
    ["U", "U", "conflicted"],
    ["A", "A", "conflicted"],
    ["A", ".", "added"],
    ["R", ".", "renamed"],
    ["M", ".", "modified"],
    [".", ".", undefined],
  ])("%s%s is %s", (index, worktree, mark) => {
    expect(markOf({ index, worktree })).toBe(mark);
  });

  it("come from the innermost repository", () => {
    const outer = { ...status, root: "" };
    expect(repositoryOf([outer, status], "repo/src/a.rs")?.root).toBe("repo");
    expect(repositoryOf([outer, status], "other")?.root).toBe("");
    expect(repositoryOf([status], "other")?.root).toBe("repo");
    expect(repositoryOf([], "a")).toBeUndefined();
  });
});
