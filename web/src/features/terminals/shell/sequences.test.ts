import { describe, expect, it } from "vitest";
import { decodeDirectory, decodeLine, parseMark } from "./sequences";

describe("the shell's marks", () => {
  it("are taken apart", () => {
    expect(parseMark("A;k=1")).toEqual({ kind: "prompt" });
    expect(parseMark("D;127")).toEqual({ kind: "end", exitCode: 127 });
    expect(parseMark("D")).toEqual({ kind: "end", exitCode: undefined });
    expect(parseMark("D;<b>")).toEqual({ kind: "end", exitCode: undefined });
    expect(parseMark("X")).toBeUndefined();
  });

  it("say a command line only with the nonce", () => {
    expect(decodeLine("E;ls -l;n0", "n0")).toBe("ls -l");
    expect(decodeLine("E;a\\x3b b\\x0ac\\\\x3b;n0", "n0")).toBe("a; b\nc\\x3b");
    for (const [data, nonce] of [
      ["E;rm -rf /;guess", "n0"],
      ["E;rm -rf /", "n0"],
      ["E;rm;n0", undefined],
      ["E;rm;", ""],
      ["P;rm;n0", "n0"],
    ] as const) {
      expect(decodeLine(data, nonce)).toBeUndefined();
    }
  });

  it("name directories", () => {
    expect(decodeDirectory("file://host/a%20b")).toBe("/a b");
    expect(decodeDirectory("file:///")).toBe("/");
    expect(decodeDirectory("file:///%ff")).toBeUndefined();
    expect(decodeDirectory("javascript:alert(1)")).toBeUndefined();
  });
});
