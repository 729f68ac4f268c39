import { describe, expect, it } from "vitest";
import { mustAsk, preparePaste } from "./paste";

describe("paste", () => {
  it("takes out what could press keys or end the paste", () => {
    expect(preparePaste("ls\x1b[201~\x1b]0;x\x07\x03\u009b31m\ttab")).toEqual({
      text: "ls[201~]0;x31m\ttab",
      lines: 1,
      removed: 5,
    });
    expect(preparePaste("a\r\nb\nc\r").text).toBe("a\r\nb\nc\r");
    expect(preparePaste("مرحبا 🙂").removed).toBe(0);
  });

  it("counts lines", () => {
    for (const [text, lines] of [
      ["", 1],
      ["a", 1],
      ["a\n", 1],
      ["a\r\nb", 2],
      ["a\rb\nc\r\n", 3],
    ] as const) {
      expect(preparePaste(text).lines).toBe(lines);
    }
  });

  it("asks where lines would run at once", () => {
    const one = preparePaste("ls");
    const ready = preparePaste("ls\n");
    const many = preparePaste("cd /\nrm -rf x");
    expect(mustAsk(one, false, true)).toBe(false);
    expect(mustAsk(ready, false, true)).toBe(true);
    expect(mustAsk(many, false, true)).toBe(true);
    expect(mustAsk(many, true, true)).toBe(false);
    expect(mustAsk(many, false, false)).toBe(false);
  });
});
