import { describe, expect, it } from "vitest";
import { optionsForWidth } from "./narrow";

describe("the editor's options", () => {
  it("have a minimap only where it covers no text", () => {
    expect(optionsForWidth(799).minimap.enabled).toBe(false);
    expect(optionsForWidth(800).minimap.enabled).toBe(true);
  });

  it("wrap lines on a phone, and give their margin to the text", () => {
    const phone = optionsForWidth(390);
    expect(phone.wordWrap).toBe("on");
    expect(phone.glyphMargin).toBe(false);
    const tablet = optionsForWidth(768);
    expect(tablet.wordWrap).toBe("off");
    expect(tablet.glyphMargin).toBe(true);
  });
});
