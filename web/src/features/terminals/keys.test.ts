import { describe, expect, it, vi } from "vitest";
import { ArmedKeys, controlCharacter } from "./keys";

describe("keys that phones lack", () => {
  it("make control characters", () => {
    expect(controlCharacter("c")).toBe("\x03");
    expect(controlCharacter("[")).toBe("\x1b");
    expect(controlCharacter(" ")).toBe("\0");
    expect(controlCharacter("é")).toBeUndefined();
  });

  it("are held for one key", () => {
    const armed = new ArmedKeys();
    armed.onChange = vi.fn();
    armed.toggle("control");
    expect(armed.apply("c")).toBe("\x03");
    expect(armed.apply("c")).toBe("c");
    armed.toggle("alt");
    expect(armed.apply("b")).toBe("\x1bb");
    armed.toggle("control");
    armed.toggle("alt");
    expect(armed.apply("x")).toBe("\x1b\x18");
    armed.toggle("control");
    armed.toggle("control");
    expect(armed.apply("c")).toBe("c");
    expect(armed.onChange).toHaveBeenCalledTimes(9);
  });
});
