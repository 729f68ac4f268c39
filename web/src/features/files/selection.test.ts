import { describe, expect, it } from "vitest";
import { everything, extended, NOTHING, only, outermost, targetsOf, toggled } from "./selection";
import { rowsOf } from "./testing";

const rows = rowsOf({ expanded: new Set(["src"]) });
const sorted = (paths: Iterable<string>) => [...paths].sort();

describe("what is chosen", () => {
  it("is a range from where it began, both ways", () => {
    const down = extended(only("src/lib"), rows, "Cargo.toml");
    expect(sorted(down.paths)).toEqual(["Cargo.toml", "src/lib", "src/main.rs"]);
    const up = extended(down, rows, "src");
    expect(sorted(up.paths)).toEqual(["src", "src/lib"]);
    expect(up.anchor).toBe("src/lib");
    // Where it began is not to be seen any more.
    expect(extended(only("gone"), rows, "src")).toEqual(only("src"));
  });

  it("grows and shrinks one by one", () => {
    const two = toggled(only("src"), "README.md");
    expect(sorted(two.paths)).toEqual(["README.md", "src"]);
    expect(sorted(toggled(two, "src").paths)).toEqual(["README.md"]);
    expect(everything(rows).paths.size).toBe(5);
    expect(only(undefined)).toEqual(NOTHING);
  });

  it("is what an action on one of them is meant for", () => {
    const two = toggled(only("src"), "README.md");
    expect(targetsOf(two, "src")).toEqual(["src", "README.md"]);
    expect(targetsOf(two, "Cargo.toml")).toEqual(["Cargo.toml"]);
    // What lies in a chosen folder goes where that goes.
    expect(outermost(["src/main.rs", "src", "src.txt"])).toEqual(["src", "src.txt"]);
  });
});
