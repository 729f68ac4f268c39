import { describe, expect, test } from "vitest";
import { pieces } from "./ansi";

const text = (raw: string) =>
  pieces(raw)
    .map((piece) => piece.text)
    .join("");

describe("output", () => {
  test("keeps its colours", () => {
    expect(pieces("a \x1b[1;31mred\x1b[0m \x1b[38;5;208mo\x1b[48;2;1;2;300mb\x1b[m.")).toEqual([
      { text: "a ", look: {} },
      { text: "red", look: { bold: true, color: 1 } },
      { text: " ", look: {} },
      { text: "o", look: { color: "rgb(255 135 0)" } },
      { text: "b", look: { color: "rgb(255 135 0)", background: "rgb(1 2 255)" } },
      { text: ".", look: {} },
    ]);
  });

  test("commands nothing", () => {
    expect(
      text("\x1b]0;title\x07a\x1b]8;;javascript:alert(1)\x1b\\b\x1b[2J\x1b[Hc\x1b(B\x07\x00d"),
    ).toBe("abcd");
    expect(text("\x1bP1$r\x1b\\x\x9b31m")).toBe("x31m");
    expect(text("<script>alert(1)</script>")).toBe("<script>alert(1)</script>");
  });

  test("shows the last state of a line that is written over", () => {
    expect(text("10 %\r20 %\r30 %\ndone\r\n")).toBe("30 %\ndone\n");
    expect(text("half\r")).toBe("half");
  });

  test("survives what is cut off or nonsense", () => {
    for (const raw of [
      "\x1b",
      "\x1b[",
      "\x1b[38;5",
      "\x1b]0;no end",
      "\x1b[999999999m",
      "\x1b[38;2;;;m",
    ]) {
      expect(text(`ok${raw}`)).toBe("ok");
    }
  });
});
