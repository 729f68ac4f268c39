import { describe, expect, it } from "vitest";
import { decodeWindow, hexRows } from "./content";
import {
  closeTab,
  NO_TABS,
  openTab,
  parseTabs,
  renameTabs,
  serializeTabs,
  stepTab,
  tabLabels,
} from "./tabs";

describe("tabs", () => {
  it("open beside the active one and are not opened twice", () => {
    const tabs = { order: ["a", "b"], active: "a" };
    expect(openTab(tabs, "c")).toEqual({ order: ["a", "c", "b"], active: "c" });
    expect(openTab(tabs, "b")).toEqual({ order: ["a", "b"], active: "b" });
    expect(openTab(NO_TABS, "a")).toEqual({ order: ["a"], active: "a" });
  });

  it("that are only looked into take each other's place, and stay when they are kept", () => {
    const looked = openTab({ order: ["a", "b"], active: "a" }, "c", true);
    expect(looked).toEqual({ order: ["a", "c", "b"], active: "c", preview: "c" });
    expect(openTab(looked, "d", true)).toEqual({
      order: ["a", "d", "b"],
      active: "d",
      preview: "d",
    });
    expect(openTab(looked, "c").preview).toBeUndefined();
    expect(openTab(looked, "b", true)).toMatchObject({ active: "b", preview: "c" });
    expect(openTab(looked, "d").preview).toBe("c");
    expect(closeTab(looked, "c").preview).toBeUndefined();
  });

  it("hand the place to the neighbour when they close", () => {
    const tabs = { order: ["a", "b", "c"], active: "b" };
    expect(closeTab(tabs, "b").active).toBe("c");
    expect(closeTab({ ...tabs, active: "c" }, "c").active).toBe("b");
    expect(closeTab(tabs, "a").active).toBe("b");
    expect(closeTab({ order: ["a"], active: "a" }, "a")).toEqual({ order: [], active: undefined });
  });

  it("step around the end, and fold when renamed onto each other", () => {
    const tabs = { order: ["a", "b"], active: "b" };
    expect(stepTab(tabs, 1).active).toBe("a");
    expect(stepTab(stepTab(tabs, 1), -1).active).toBe("b");
    expect(renameTabs(tabs, () => "c")).toEqual({ order: ["c"], active: "c" });
  });

  it("of the same name are told apart by their folder", () => {
    const labels = tabLabels(["src/a.ts", "a.ts", "b.ts"]);
    expect(labels.get("src/a.ts")).toEqual({ name: "a.ts", hint: "src" });
    expect(labels.get("a.ts")).toEqual({ name: "a.ts", hint: "/" });
    expect(labels.get("b.ts")).toEqual({ name: "b.ts", hint: undefined });
  });

  it.each([null, "", "{", "[]", '{"order":[1]}', '{"order":"a"}', "7"])(
    "stored as %j are none",
    (stored) => {
      expect(parseTabs(stored).order).toEqual([]);
    },
  );

  it("survive storing, whatever was active", () => {
    const tabs = { order: ["a", "b"], active: "b" };
    expect(parseTabs(serializeTabs(tabs))).toEqual(tabs);
    expect(parseTabs('{"order":["a"],"active":"gone"}').active).toBe("a");
  });
});

describe("bytes", () => {
  it("are shown as hex, sixteen a row", () => {
    const rows = hexRows(new Uint8Array([0x7f, ...new TextEncoder().encode("ELF and more text")]));
    expect(rows[0]).toEqual({
      offset: "00000000",
      hex: ["7f 45 4c 46 20 61 6e 64", "20 6d 6f 72 65 20 74 65"],
      text: ".ELF and more te",
    });
    expect(rows[1]).toEqual({ offset: "00000010", hex: ["78 74", ""], text: "xt" });
  });

  it("cut inside a character still make a window of text", () => {
    const bytes = new TextEncoder().encode("aع😀");
    expect(decodeWindow(bytes.subarray(0, bytes.length - 2))).toEqual({ kind: "text", text: "aع" });
    expect(decodeWindow(new Uint8Array([0xff, 0xfe, 0xfd, 0xfc, 0xfb])).kind).toBe("binary");
  });
});
