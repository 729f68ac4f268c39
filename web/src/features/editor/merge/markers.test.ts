import { describe, expect, it } from "vitest";
import { conflictsLeft, decided, withMarkers } from "./markers";
import { merge3 } from "./merge3";

const LABELS = { mine: "Yours", base: "Before", theirs: "On disk" };

function conflicts(mine: string, base: string, theirs: string) {
  const merged = merge3(mine, base, theirs);
  if (merged.kind !== "conflicts") throw new Error("no conflict");
  return withMarkers(merged.chunks, LABELS);
}

describe("a text with conflicts", () => {
  it("shows all three sides, and where they stand", () => {
    const { text, conflicts: placed } = conflicts("a\nmine\nz\n", "a\nb\nz\n", "a\ntheirs\nz\n");
    expect(text).toBe(
      "a\n<<<<<<< Yours\nmine\n||||||| Before\nb\n=======\ntheirs\n>>>>>>> On disk\nz\n",
    );
    expect(placed).toMatchObject([{ startLine: 2, endLine: 8 }]);
    expect(conflictsLeft(text)).toBe(1);
    expect(conflictsLeft("a <<<<<<< b\n")).toBe(0);
  });

  it("keeps a last line that has no end", () => {
    const { text } = conflicts("mine", "base", "theirs");
    expect(text.endsWith(">>>>>>> On disk\n")).toBe(true);
    expect(conflicts("m\nz", "b\nz", "t\nz").text.endsWith("\nz")).toBe(true);
  });

  it("is decided for one side, or for both in turn", () => {
    const conflict = { kind: "conflict", mine: ["m"], base: [], theirs: ["t\n"] } as const;
    expect(decided(conflict, "mine")).toBe("m");
    expect(decided(conflict, "theirs")).toBe("t\n");
    expect(decided(conflict, "both")).toBe("m\nt\n");
  });
});
