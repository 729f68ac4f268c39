import { describe, expect, test } from "vitest";
import { labelsText, parseLabels } from "./labels";

describe("labels as text", () => {
  test("are one a line, with or without a value", () => {
    const text = "region=eu\n\n  gpu \nnote=a=b c ";
    expect(parseLabels(text)).toEqual({ labels: { region: "eu", gpu: "", note: "a=b c" } });
    expect(labelsText({ region: "eu", gpu: "" })).toBe("region=eu\ngpu");
  });

  test.each(["Region=eu", "a b=c", "=x", `${"k".repeat(64)}=v`])("name %j as wrong", (line) => {
    expect(parseLabels(`ok=1\n${line}`)).toEqual({ wrong: line });
  });
});
