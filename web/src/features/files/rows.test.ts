import { describe, expect, it } from "vitest";
import { visibleName } from "./names";
import type { Listing, TreeInput } from "./rows";
import { entry, folder, ready, rowsOf, shown } from "./testing";

const keys = (change: Partial<TreeInput> = {}) => shown(rowsOf(change));

describe("the rows", () => {
  it("show what is open, indented below it, without Git's own folder", () => {
    expect(keys()).toEqual(["entry:src", "entry:Cargo.toml", "entry:README.md"]);
    expect(keys({ showHidden: true })[0]).toBe("entry:.git");
    const rows = rowsOf({ expanded: new Set(["src", "src/lib"]) });
    const all = Array.from({ length: rows.length }, (_, index) => rows.at(index));
    expect(all.map((row) => [row?.kind, row?.depth])).toEqual([
      ["entry", 0],
      ["entry", 1],
      ["error", 2],
      ["entry", 1],
      ["more", 1],
      ["entry", 0],
      ["entry", 0],
    ]);
    expect(rows.at(0)).toMatchObject({ position: 1, siblings: 3, open: true });
    expect(rows.at(7)).toBeUndefined();
    expect(rows.at(-1)).toBeUndefined();
  });

  it("hide Git's own folder only, not names with a dot", () => {
    const listing = () =>
      ready([".git", ".github", ".gitignore", ".env"].map((name) => entry(name)));
    expect(keys({ listing })).toEqual(["entry:.github", "entry:.gitignore", "entry:.env"]);
    expect(keys({ listing, showHidden: true })).toHaveLength(4);
  });

  it("have a place for a new name at the top of its folder", () => {
    const edit = { kind: "create", parent: "src", entry: "file" } as const;
    expect(keys({ expanded: new Set(["src"]), edit }).slice(0, 3)).toEqual([
      "entry:src",
      "input:src",
      "entry:src/lib",
    ]);
  });

  it("open links to folders, and say when a folder is empty or loading", () => {
    const link = entry("link", { kind: "symlink", target_kind: "directory" });
    const listing = (path: string): Listing => ready(path === "" ? [link] : []);
    expect(keys({ listing, expanded: new Set(["link"]) })).toEqual(["entry:link", "empty:link"]);
    expect(keys({ listing: () => ({ state: "loading" }) })).toEqual(["loading:"]);
  });

  it("of a circle of links end where nobody opened more", () => {
    const link = (path: string) => entry(path, { kind: "symlink", target_kind: "directory" });
    const listing = (path: string): Listing => ready([link(path === "" ? "loop" : `${path}/loop`)]);
    expect(keys({ listing, expanded: new Set(["loop", "loop/loop"]) })).toEqual([
      "entry:loop",
      "entry:loop/loop",
      "entry:loop/loop/loop",
    ]);
  });

  it("are found by path as they are by index, wherever folders are open", () => {
    const listing = (path: string): Listing => {
      const join = (name: string) => (path === "" ? name : `${path}/${name}`);
      return ready([
        ...["a", "b", "c"].map((name) => folder(join(name))),
        ...Array.from({ length: 5 }, (_, index) => entry(join(`file-${index}`))),
      ]);
    };
    for (const open of [[], ["b"], ["a", "c"], ["a", "a/b", "a/b/c", "b", "c", "c/a"]]) {
      for (const edit of [undefined, { kind: "create", parent: "a/b", entry: "file" } as const]) {
        const rows = rowsOf({ listing, expanded: new Set(open), edit });
        for (let index = 0; index < rows.length; index += 1) {
          const row = rows.at(index);
          if (row?.kind === "entry") expect(rows.indexOf(row.path)).toBe(index);
        }
        expect(new Set(shown(rows)).size).toBe(rows.length);
      }
    }
  });

  it("of a hundred thousand entries cost what is looked at", () => {
    const items = Array.from({ length: 100_000 }, (_, index) => entry(`file-${index}`));
    let read = 0;
    const counting = new Proxy(items, {
      get: (target, key) => {
        read += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
    const rows = rowsOf({ listing: () => ready(counting), showHidden: true });
    expect(rows.length).toBe(100_000);
    expect(rows.at(99_999)?.path).toBe("file-99999");
    expect(read).toBeLessThan(20);
  });
});

describe("sorting and filtering", () => {
  const listing = (path: string): Listing =>
    path === ""
      ? ready([
          folder("docs"),
          entry("a.ts", { size: 30, modified_at: 1 }),
          entry("b.md", { size: 10, modified_at: 3 }),
          entry("c.ts", { size: 20, modified_at: 2 }),
        ])
      : ready([entry("docs/intro.md"), entry("docs/logo.png")]);
  const order = (by: TreeInput["order"]["by"], descending = false) =>
    keys({ listing, order: { by, descending } }).map((key) => key.replace("entry:", ""));

  it("keep folders first", () => {
    expect(order("name", true)).toEqual(["docs", "c.ts", "b.md", "a.ts"]);
    expect(order("size")).toEqual(["docs", "b.md", "c.ts", "a.ts"]);
    expect(order("modified", true)).toEqual(["docs", "b.md", "c.ts", "a.ts"]);
    expect(order("type")).toEqual(["docs", "b.md", "a.ts", "c.ts"]);
  });

  it("keep what leads to a name that is looked for", () => {
    const expanded = new Set(["docs"]);
    expect(keys({ listing, expanded, filter: "LOGO" })).toEqual([
      "entry:docs",
      "entry:docs/logo.png",
    ]);
    expect(keys({ listing, filter: ".ts" })).toEqual(["entry:a.ts", "entry:c.ts"]);
    expect(keys({ listing, expanded, filter: "nothing" })).toEqual(["unmatched:"]);
  });
});

describe("names", () => {
  it("cannot rearrange or break what stands around them", () => {
    expect(visibleName("two words")).toBe("two words");
    expect(visibleName("new\nline")).toBe("new‹U+000A›line");
    expect(visibleName("\u202egpj.exe")).toBe("‹U+202E›gpj.exe");
    expect(visibleName("تقرير.pdf")).toBe("تقرير.pdf");
  });
});
