import { describe, expect, it } from "vitest";
import {
  emptyLayout,
  focusedPane,
  joined,
  moveBeside,
  moveInto,
  type PaneLayout,
  type PaneTree,
  panesOf,
  parseLayout,
  placesOf,
  resize,
  type Side,
  showTerminal,
  withTerminals,
} from "./tree";

/** `[a *b | c / d]`: tabs of panes, the active one marked; `|` beside, `/` below. */
function drawn(tree: PaneTree): string {
  if (tree.kind === "pane") {
    return tree.tabs.map((tab) => (tab === tree.active ? `*${tab}` : tab)).join(" ");
  }
  return `[${tree.children.map(drawn).join(tree.axis === "row" ? " | " : " / ")}]`;
}

const draw = (layout: PaneLayout) => drawn(layout.root);

const three = showTerminal(withTerminals(emptyLayout(), ["a", "b", "c"]), "a");
const beside = (layout: PaneLayout, terminal: string, next: string, side: Side) => {
  const target = panesOf(layout.root).find(({ tabs }) => tabs.includes(next));
  return moveBeside(layout, terminal, target?.id ?? "", side);
};

describe("panes", () => {
  it("takes in what is new and lets go what is gone", () => {
    expect(draw(three)).toBe("*a b c");
    expect(draw(withTerminals(three, ["b", "c", "d"]))).toBe("*b c d");
    expect(withTerminals(three, ["a", "b", "c"])).toBe(three);
    const none = withTerminals(three, []);
    expect(draw(none)).toBe("");
    expect(draw(withTerminals(none, ["z"]))).toBe("*z");
  });

  it("splits at every side", () => {
    for (const [side, expected] of [
      ["start", "[*b | *a c]"],
      ["end", "[*a c | *b]"],
      ["top", "[*b / *a c]"],
      ["bottom", "[*a c / *b]"],
    ] as const) {
      const split = beside(three, "b", "a", side);
      expect(draw(split)).toBe(expected);
      expect(focusedPane(split).tabs).toEqual(["b"]);
    }
  });

  it("splits along the same axis without nesting, and shares fairly", () => {
    const split = beside(beside(three, "b", "a", "end"), "c", "b", "end");
    expect(draw(split)).toBe("[*a | *b | *c]");
    expect(split.root.kind === "split" && split.root.shares).toEqual([0.5, 0.25, 0.25]);
    const nested = beside(beside(three, "b", "a", "end"), "c", "b", "bottom");
    expect(draw(nested)).toBe("[*a | [*b / *c]]");
  });

  it("closes a pane that is left empty", () => {
    const nested = beside(beside(three, "b", "a", "end"), "c", "b", "bottom");
    expect(draw(withTerminals(nested, ["a", "b"]))).toBe("[*a | *b]");
    expect(draw(withTerminals(nested, ["b", "c"]))).toBe("[*b / *c]");
    const [first] = panesOf(nested.root);
    expect(draw(moveInto(nested, "c", first?.id ?? ""))).toBe("[a *c | *b]");
  });

  it("moves tabs within a pane", () => {
    const { id } = focusedPane(three);
    expect(draw(moveInto(three, "a", id, 2))).toBe("b *a c");
    expect(draw(moveInto(three, "c", id, 0))).toBe("*c a b");
    expect(draw(moveInto(three, "a", id))).toBe("b c *a");
  });

  it("leaves a lone terminal where it is, and knows no stranger", () => {
    const one = withTerminals(emptyLayout(), ["a"]);
    expect(beside(one, "a", "a", "end")).toBe(one);
    expect(moveBeside(three, "x", "p0", "end")).toBe(three);
    expect(moveInto(three, "a", "nowhere")).toBe(three);
  });

  it("moves a border within its bounds", () => {
    const split = beside(three, "b", "a", "end");
    const id = split.root.id;
    const shares = (share: number) => {
      const { root } = resize(split, id, 0, share);
      return root.kind === "split" ? root.shares : [];
    };
    expect(shares(0.7)[0]).toBeCloseTo(0.7);
    expect(shares(-3)[0]).toBeCloseTo(0.1);
    expect(shares(9)[1]).toBeCloseTo(0.1);
  });

  it("joins all again", () => {
    const nested = beside(beside(three, "b", "a", "end"), "c", "b", "bottom");
    expect(draw(joined(nested))).toBe("a b *c");
  });

  it("places panes and borders", () => {
    const nested = beside(beside(three, "b", "a", "end"), "c", "b", "bottom");
    const { panes, borders } = placesOf(nested.root);
    expect(panes.map(([pane, place]) => [pane.active, place])).toEqual([
      ["a", { start: 0, top: 0, width: 0.5, height: 1 }],
      ["b", { start: 0.5, top: 0, width: 0.5, height: 0.5 }],
      ["c", { start: 0.5, top: 0.5, width: 0.5, height: 0.5 }],
    ]);
    expect(borders.map(({ axis, length }) => [axis, length])).toEqual([
      ["row", 1],
      ["column", 1],
    ]);
  });

  it("is the same after it was stored, and believes no other text", () => {
    const nested = beside(beside(three, "b", "a", "end"), "c", "b", "bottom");
    expect(parseLayout(JSON.parse(JSON.stringify(nested)))).toEqual(nested);
    const pane = { kind: "pane", id: "p0", tabs: ["a"], active: "x" };
    for (const broken of [
      undefined,
      null,
      3,
      {},
      { root: pane, focused: 1, next: 1 },
      { root: { ...pane, tabs: [1] }, focused: "p0", next: 1 },
      {
        root: { kind: "split", id: "s", axis: "row", children: [pane], shares: [1] },
        focused: "p0",
        next: 1,
      },
      {
        root: { kind: "split", id: "s", axis: "row", children: [pane, pane], shares: [0.5, 0.5] },
        focused: "p0",
        next: 1,
      },
    ]) {
      expect(parseLayout(broken)).toBeUndefined();
    }
    expect(parseLayout({ root: pane, focused: "gone", next: 1 })).toEqual({
      root: { ...pane, active: "a" },
      focused: "p0",
      next: 1,
    });
  });
});
