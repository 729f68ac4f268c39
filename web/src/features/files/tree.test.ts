import { describe, expect, it } from "vitest";
import { directoriesToRead, listingsToForget, touchesGit } from "./changes";
import { gitMarks, markAt, markOf, repositoryOf } from "./gitDecorations";
import { ancestorsOf, encodeName, isWithin, movedPath, nameFault, parentOf } from "./paths";
import type { FileEntry, GitStatus } from "./queries";
import {
  dropDestination,
  findByTyping,
  type Listing,
  layoutRows,
  moveByKey,
  type TreeInput,
} from "./tree";

function entry(path: string, kind: FileEntry["kind"] = "file"): FileEntry {
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    kind,
    size: 1,
    modified_at: 0,
    mode: 420,
  };
}

const LISTINGS: Record<string, Listing> = {
  "": {
    state: "ready",
    items: [
      entry(".git", "directory"),
      entry("src", "directory"),
      entry("Cargo.toml"),
      entry("README.md"),
    ],
    missing: 0,
  },
  src: { state: "ready", items: [entry("src/lib", "directory"), entry("src/main.rs")], missing: 3 },
  "src/lib": { state: "error", message: "no permission" },
};

function input(changes: Partial<TreeInput> = {}): TreeInput {
  return {
    listing: (path) => LISTINGS[path] ?? { state: "loading" },
    expanded: new Set(),
    showHidden: false,
    ...changes,
  };
}

const keys = (changes: Partial<TreeInput> = {}) =>
  layoutRows(input(changes)).map((row) => `${row.kind}:${row.path}`);

describe("the rows", () => {
  it("show what is open, indented below it, without Git's own folder", () => {
    expect(keys()).toEqual(["entry:src", "entry:Cargo.toml", "entry:README.md"]);
    expect(keys({ showHidden: true })[0]).toBe("entry:.git");
    const rows = layoutRows(input({ expanded: new Set(["src", "src/lib"]) }));
    expect(rows.map((row) => [row.kind, row.depth])).toEqual([
      ["entry", 0],
      ["entry", 1],
      ["error", 2],
      ["entry", 1],
      ["more", 1],
      ["entry", 0],
      ["entry", 0],
    ]);
    expect(rows[0]).toMatchObject({ position: 1, siblings: 3, open: true });
  });

  it("hide Git's own folder only, not names with a dot", () => {
    const items = [".git", ".github", ".gitignore", ".env"].map((name) => entry(name));
    const listing = (): Listing => ({ state: "ready", items, missing: 0 });
    expect(keys({ listing })).toEqual(["entry:.github", "entry:.gitignore", "entry:.env"]);
    expect(keys({ listing, showHidden: true })).toHaveLength(4);
  });

  it("have a place for a new name at the top of its folder", () => {
    const edit = { kind: "create", parent: "src", entry: "file" } as const;
    expect(keys({ expanded: new Set(["src"]), edit }).slice(0, 2)).toEqual([
      "entry:src",
      "input:src",
    ]);
  });

  it("open links to folders, and say when a folder is empty or loading", () => {
    const link = { ...entry("link", "symlink"), target_kind: "directory" as const };
    const listing = (path: string): Listing =>
      path === ""
        ? { state: "ready", items: [link], missing: 0 }
        : { state: "ready", items: [], missing: 0 };
    expect(keys({ listing, expanded: new Set(["link"]) })).toEqual(["entry:link", "empty:link"]);
    expect(keys({ listing: () => ({ state: "loading" }) })).toEqual(["loading:"]);
  });

  it("of ten thousand entries are laid out in one pass", () => {
    const items = Array.from({ length: 10_000 }, (_, index) => entry(`file-${index}`));
    expect(
      layoutRows(input({ listing: () => ({ state: "ready", items, missing: 0 }) })),
    ).toHaveLength(10_000);
  });
});

describe("keys", () => {
  const rows = layoutRows(input({ expanded: new Set(["src"]) }));

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
    expect(moveByKey([], undefined, "End", false)).toEqual({ kind: "none" });
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
  it("moves into the folder, or beside the file, that it falls on", () => {
    expect(dropDestination("README.md", { path: "src", directory: true })).toBe("src/README.md");
    expect(dropDestination("README.md", { path: "src/main.rs", directory: false })).toBe(
      "src/README.md",
    );
    expect(dropDestination("src/main.rs", { path: "", directory: true })).toBe("main.rs");
  });

  it("means nothing where it is already, or inside itself", () => {
    expect(dropDestination("README.md", { path: "Cargo.toml", directory: false })).toBeUndefined();
    expect(dropDestination("src", { path: "src/lib", directory: true })).toBeUndefined();
    expect(dropDestination("src", { path: "src", directory: true })).toBeUndefined();
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
