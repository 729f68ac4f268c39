import { describe, expect, it } from "vitest";
import { formattingOptions } from "./formatting-options";

function modelOf(text: string) {
  const lines = text.split("\n");
  return {
    getLineCount: () => lines.length,
    getLineLength: (line: number) => lines[line - 1]?.length ?? 0,
  };
}

describe("what a server that formats is told", () => {
  it("keeps the end of the last line where there is one", () => {
    const habit = { tabSize: 4, insertSpaces: true };
    for (const [text, ended] of [
      ["{}\n", true],
      ["{\n}", false],
      ["{}", false],
      ["", false],
    ] as const) {
      expect(formattingOptions(modelOf(text), habit), text).toEqual({
        tabSize: 4,
        insertSpaces: true,
        insertFinalNewline: ended,
      });
    }
  });
});
