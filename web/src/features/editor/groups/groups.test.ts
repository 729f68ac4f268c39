import { describe, expect, it } from "vitest";
import { sideAt } from "./drag";
import {
  GROUPS_MAX,
  type Groups,
  groupIds,
  NO_GROUPS,
  neighbourGroup,
  parseGroups,
  resized,
  serializeGroups,
  splitGroup,
  withTabs,
} from "./groups";
import { NO_TABS, openTab } from "./tabs";

const tabs = (...order: string[]) => ({ order, active: order[0], pinned: 0, preview: undefined });

function filled(): Groups {
  return withTabs(NO_GROUPS, "1", tabs("a", "b"));
}

describe("groups", () => {
  it("split in a row and a column, and go with their last tab", () => {
    const row = splitGroup(filled(), "1", "end", tabs("c"));
    expect(groupIds(row.root)).toEqual(["1", "2"]);
    expect(row.active).toBe("2");
    const column = splitGroup(row, "2", "above", tabs("d"));
    expect(groupIds(column.root)).toEqual(["1", "3", "2"]);
    const back = withTabs(column, "3", NO_TABS);
    expect(back.root).toEqual(row.root);
    expect(withTabs(back, "2", NO_TABS).root).toEqual({ kind: "group", id: "1" });
    expect(withTabs(filled(), "1", NO_TABS).tabs["1"]).toEqual(NO_TABS);
  });

  it("of one axis stand in one row, and share what a closed one had", () => {
    const three = splitGroup(splitGroup(filled(), "1", "end", tabs("c")), "2", "end", tabs("d"));
    expect(three.root).toMatchObject({ shares: [0.5, 0.25, 0.25] });
    expect(withTabs(three, "1", NO_TABS).root).toMatchObject({ shares: [0.5, 0.5] });
    expect(resized(three.root, [], [0.2, 0.4, 0.4])).toMatchObject({ shares: [0.2, 0.4, 0.4] });
    expect(neighbourGroup(three, "3", 1)).toBe("1");
  });

  it("are bounded", () => {
    let groups = filled();
    for (let count = 0; count < GROUPS_MAX + 3; count += 1) {
      groups = splitGroup(groups, "1", "end", tabs("x"));
    }
    expect(groupIds(groups.root)).toHaveLength(GROUPS_MAX);
    expect(groups.active).toBe("1");
  });

  it("survive storing with their sizes", () => {
    const row = splitGroup(filled(), "1", "below", openTab(NO_TABS, "c"));
    const sized = { ...row, root: resized(row.root, [], [0.7, 0.3]) };
    const read = parseGroups(serializeGroups(sized));
    expect(read.root).toEqual(sized.root);
    expect(read.active).toBe("2");
    expect(read.tabs["1"]?.order).toEqual(["a", "b"]);
  });

  it.each([
    null,
    "{",
    "7",
    '{"root":{"kind":"group","id":"x"}}',
    '{"root":{"kind":"split","axis":"inline","children":[{"kind":"group","id":"1"}]}}',
    '{"root":{"kind":"split","axis":"inline","children":[{"kind":"group","id":"1"},{"kind":"group","id":"1"}]}}',
  ])("stored as %s are one empty group", (stored) => {
    expect(parseGroups(stored)).toEqual(NO_GROUPS);
  });

  it("stored without tabs fold into those that have some", () => {
    const stored = {
      root: {
        kind: "split",
        axis: "inline",
        children: [
          { kind: "group", id: "1" },
          { kind: "group", id: "2" },
        ],
      },
      tabs: { 2: { order: ["a"] } },
      active: "1",
    };
    expect(parseGroups(JSON.stringify(stored))).toMatchObject({
      root: { kind: "group", id: "2" },
      active: "2",
    });
  });
});

it("a drop near an edge means that side, as the page runs", () => {
  const box = { left: 0, top: 0, width: 100, height: 100 };
  expect(sideAt({ x: 5, y: 50 }, box, false)).toBe("start");
  expect(sideAt({ x: 5, y: 50 }, box, true)).toBe("end");
  expect(sideAt({ x: 50, y: 95 }, box, false)).toBe("below");
  expect(sideAt({ x: 50, y: 50 }, box, false)).toBeUndefined();
});
