import { describe, expect, it } from "vitest";
import {
  closeTab,
  lastingTabs,
  NO_TABS,
  openTab,
  parseTabs,
  placeTab,
  renameTabs,
  shiftTab,
  stepTab,
  tabLabels,
  tabsToClose,
  togglePin,
} from "./tabs";
import { viewKey } from "./views";

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

  it("that are pinned stand first, stay when others close, and are not passed", () => {
    const tabs = togglePin({ order: ["a", "b", "c"], active: "a", preview: "c" }, "c");
    expect(tabs).toMatchObject({ order: ["c", "a", "b"], pinned: 1, preview: undefined });
    expect(tabsToClose(tabs, "a", "others")).toEqual(["b"]);
    expect(tabsToClose(tabs, "c", "right")).toEqual(["a", "b"]);
    expect(shiftTab(tabs, "a", -1).order).toEqual(["c", "a", "b"]);
    expect(openTab({ ...tabs, active: "c" }, "d").order).toEqual(["c", "d", "a", "b"]);
    expect(togglePin(tabs, "c")).toMatchObject({ order: ["c", "a", "b"], pinned: 0 });
    expect(closeTab(tabs, "c").pinned).toBe(0);
  });

  it("move by places, and to a place", () => {
    const tabs = { order: ["a", "b", "c"], active: "a" };
    expect(shiftTab(tabs, "a", 1).order).toEqual(["b", "a", "c"]);
    expect(shiftTab(tabs, "a", -1).order).toEqual(["a", "b", "c"]);
    expect(placeTab(tabs, "a", 3).order).toEqual(["b", "c", "a"]);
    expect(placeTab(tabs, "c", 0).order).toEqual(["c", "a", "b"]);
    expect(placeTab(tabs, "a", 2).order).toEqual(["b", "a", "c"]);
  });

  it.each([null, "", [], { order: [1] }, { order: "a" }, 7, { order: ["/{}", "/x"] }])(
    "stored as %j are none",
    (stored) => {
      expect(parseTabs(stored).order).toEqual([]);
    },
  );

  it("survive storing, whatever was active", () => {
    const tabs = { order: ["a", "b"], active: "b", pinned: 1 };
    expect(parseTabs(lastingTabs(tabs))).toEqual({ ...tabs, preview: undefined });
    expect(parseTabs({ order: ["a"], active: "gone", pinned: 7 })).toMatchObject({
      active: "a",
      pinned: 1,
    });
  });

  it("leave out what only this page knows: the clipboard", () => {
    const clipboard = viewKey({
      kind: "diff",
      original: { source: "clipboard", id: "1" },
      modified: { source: "file", path: "a" },
    });
    const saved = viewKey({
      kind: "diff",
      original: { source: "saved", path: "a" },
      modified: { source: "file", path: "a" },
    });
    expect(parseTabs(lastingTabs({ order: [clipboard, saved], active: clipboard }))).toMatchObject({
      order: [saved],
      active: saved,
    });
  });
});
