/**
 * How the terminals of a workspace share the panel: panes with tabs, side by side and above each other.
 * Pure: every function answers a new tree.
 *
 * Invariant: every terminal stands in exactly one pane, no pane but the last is empty, and no split
 * has fewer than two children or a child that is split along the same axis.
 */

export interface Pane {
  kind: "pane";
  id: string;
  tabs: readonly string[];
  active: string | undefined;
}

interface Split {
  kind: "split";
  id: string;
  /** `row`: side by side, along the text. `column`: above each other. */
  axis: Axis;
  children: readonly PaneTree[];
  /** What each child has of the whole; together 1. */
  shares: readonly number[];
}

export type PaneTree = Pane | Split;
type Axis = "row" | "column";

/** Where something is put beside a pane; `center` is into it. */
export type Side = "start" | "end" | "top" | "bottom" | "center";

export interface PaneLayout {
  root: PaneTree;
  /** The pane that commands and new terminals go to. */
  focused: string;
  /** The number of the next id. */
  next: number;
}

/** The least share that a border can be dragged to. */
const SHARE_MIN = 0.1;

/** One empty pane. */
export function emptyLayout(): PaneLayout {
  const pane: Pane = { kind: "pane", id: "p0", tabs: [], active: undefined };
  return { root: pane, focused: "p0", next: 1 };
}

/** All panes, in reading order. */
export function panesOf(tree: PaneTree): readonly Pane[] {
  return tree.kind === "pane" ? [tree] : tree.children.flatMap(panesOf);
}

export function paneWith(layout: PaneLayout, terminal: string): Pane | undefined {
  return panesOf(layout.root).find(({ tabs }) => tabs.includes(terminal));
}

/** The pane that commands go to. */
export function focusedPane(layout: PaneLayout): Pane {
  const panes = panesOf(layout.root);
  const pane = panes.find(({ id }) => id === layout.focused) ?? panes[0];
  if (!pane) throw new Error("a layout without a pane");
  return pane;
}

/** The same terminals as there are: those that are gone leave, new ones come into the focused pane. */
export function withTerminals(layout: PaneLayout, terminals: readonly string[]): PaneLayout {
  const there = new Set(terminals);
  const known = new Set(panesOf(layout.root).flatMap(({ tabs }) => tabs));
  const added = terminals.filter((terminal) => !known.has(terminal));
  if (added.length === 0 && [...known].every((terminal) => there.has(terminal))) return layout;
  const target = focusedPane(layout).id;
  return tidy(
    changePanes(layout, (pane) => {
      const kept = pane.tabs.filter((terminal) => there.has(terminal));
      const tabs = pane.id === target ? [...kept, ...added] : kept;
      return { ...pane, tabs, active: stillActive(pane, tabs) };
    }),
  );
}

/** Shows a terminal in the pane that it stands in, and has commands go there. */
export function showTerminal(layout: PaneLayout, terminal: string): PaneLayout {
  const pane = paneWith(layout, terminal);
  if (!pane) return layout;
  if (pane.active === terminal && layout.focused === pane.id) return layout;
  const shown = changePanes(layout, (other) =>
    other.id === pane.id ? { ...other, active: terminal } : other,
  );
  return { ...shown, focused: pane.id };
}

/** Moves a terminal into a pane, before the tab at `index` or behind the last. */
export function moveInto(
  layout: PaneLayout,
  terminal: string,
  target: string,
  index?: number,
): PaneLayout {
  const from = paneWith(layout, terminal);
  const to = panesOf(layout.root).find(({ id }) => id === target);
  if (!from || !to) return layout;
  const before = from.id === target ? from.tabs.indexOf(terminal) : Number.POSITIVE_INFINITY;
  const moved = changePanes(layout, (pane) => {
    const tabs = pane.tabs.filter((other) => other !== terminal);
    if (pane.id !== target) return { ...pane, tabs, active: stillActive(pane, tabs) };
    // Its own place becomes free when it moves within its pane.
    const at = (index ?? tabs.length) - (index !== undefined && before < index ? 1 : 0);
    return { ...pane, tabs: tabs.toSpliced(at, 0, terminal), active: terminal };
  });
  return tidy({ ...moved, focused: target });
}

/** Moves a terminal into a new pane beside another; into it with `center`. */
export function moveBeside(
  layout: PaneLayout,
  terminal: string,
  target: string,
  side: Side,
): PaneLayout {
  const from = paneWith(layout, terminal);
  if (!from || (from.id === target && from.tabs.length === 1)) return layout;
  if (side === "center") return moveInto(layout, terminal, target);
  const id = `p${layout.next}`;
  const pane: Pane = { kind: "pane", id, tabs: [terminal], active: terminal };
  const without = changePanes(layout, (other) => {
    const tabs = other.tabs.filter((tab) => tab !== terminal);
    return { ...other, tabs, active: stillActive(other, tabs) };
  });
  const root = insert(without.root, target, pane, side, `s${layout.next}`);
  return tidy({ root, focused: id, next: layout.next + 1 });
}

/** Gives the border behind a split's child at `index` another place: a share of the whole split. */
export function resize(
  layout: PaneLayout,
  split: string,
  index: number,
  share: number,
): PaneLayout {
  const root = changeSplits(layout.root, (tree) => {
    const [one, two] = [tree.shares[index], tree.shares[index + 1]];
    if (tree.id !== split || one === undefined || two === undefined) return tree;
    const both = one + two;
    const least = Math.min(SHARE_MIN, both / 2);
    const next = Math.min(both - least, Math.max(least, share));
    return { ...tree, shares: tree.shares.with(index, next).with(index + 1, both - next) };
  });
  return { ...layout, root };
}

/** All terminals in one pane, in reading order. */
export function joined(layout: PaneLayout): PaneLayout {
  const { id, active } = focusedPane(layout);
  const tabs = panesOf(layout.root).flatMap((pane) => pane.tabs);
  return { ...layout, root: { kind: "pane", id, tabs, active }, focused: id };
}

function stillActive(pane: Pane, tabs: readonly string[]): string | undefined {
  const { active } = pane;
  if (active !== undefined && tabs.includes(active)) return active;
  // The neighbour takes its place.
  const at = active === undefined ? -1 : pane.tabs.indexOf(active);
  return tabs[Math.min(Math.max(at, 0), tabs.length - 1)] ?? tabs.at(-1);
}

function changePanes(layout: PaneLayout, change: (pane: Pane) => Pane): PaneLayout {
  const walk = (tree: PaneTree): PaneTree =>
    tree.kind === "pane" ? change(tree) : { ...tree, children: tree.children.map(walk) };
  return { ...layout, root: walk(layout.root) };
}

function changeSplits(tree: PaneTree, change: (split: Split) => Split): PaneTree {
  if (tree.kind === "pane") return tree;
  const children = tree.children.map((child) => changeSplits(child, change));
  return change({ ...tree, children });
}

function insert(tree: PaneTree, target: string, pane: Pane, side: Side, id: string): PaneTree {
  if (tree.kind === "split") {
    const children = tree.children.map((child) => insert(child, target, pane, side, id));
    return { ...tree, children };
  }
  if (tree.id !== target) return tree;
  const axis: Axis = side === "start" || side === "end" ? "row" : "column";
  const children = side === "start" || side === "top" ? [pane, tree] : [tree, pane];
  return { kind: "split", id, axis, children, shares: [0.5, 0.5] };
}

/** Takes out what the invariant forbids. */
function tidy(layout: PaneLayout): PaneLayout {
  const root = tidyTree(layout.root) ?? {
    kind: "pane",
    id: layout.focused,
    tabs: [],
    active: undefined,
  };
  const panes = panesOf(root);
  const focused = panes.some(({ id }) => id === layout.focused)
    ? layout.focused
    : (panes[0]?.id ?? layout.focused);
  return { ...layout, root, focused };
}

function tidyTree(tree: PaneTree): PaneTree | undefined {
  if (tree.kind === "pane") return tree.tabs.length > 0 ? tree : undefined;
  const children: PaneTree[] = [];
  const shares: number[] = [];
  tree.children.forEach((child, index) => {
    const kept = tidyTree(child);
    const share = tree.shares[index] ?? 0;
    if (kept?.kind === "split" && kept.axis === tree.axis) {
      children.push(...kept.children);
      shares.push(...kept.shares.map((part) => part * share));
    } else if (kept) {
      children.push(kept);
      shares.push(share);
    }
  });
  const [only] = children;
  if (children.length < 2) return only;
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return { ...tree, children, shares: shares.map((share) => share / whole) };
}

/** A place as shares of the panel, from its top start corner. */
export interface Place {
  start: number;
  top: number;
  width: number;
  height: number;
}

export interface Border {
  split: string;
  index: number;
  axis: Axis;
  place: Place;
  /** The share before it, and what it and its neighbour have together. */
  share: number;
  /** How large the whole split is along its axis, as a share of the panel. */
  length: number;
}

/** Where each pane and each border stands. */
export function placesOf(root: PaneTree): { panes: [Pane, Place][]; borders: Border[] } {
  const panes: [Pane, Place][] = [];
  const borders: Border[] = [];
  const walk = (tree: PaneTree, place: Place) => {
    if (tree.kind === "pane") {
      panes.push([tree, place]);
      return;
    }
    let passed = 0;
    const along = tree.axis === "row";
    tree.children.forEach((child, index) => {
      const share = tree.shares[index] ?? 0;
      const inner = along
        ? { ...place, start: place.start + passed * place.width, width: share * place.width }
        : { ...place, top: place.top + passed * place.height, height: share * place.height };
      walk(child, inner);
      passed += share;
      if (index + 1 < tree.children.length) {
        const at = along
          ? { ...place, start: place.start + passed * place.width, width: 0 }
          : { ...place, top: place.top + passed * place.height, height: 0 };
        const length = along ? place.width : place.height;
        borders.push({ split: tree.id, index, axis: tree.axis, place: at, share, length });
      }
    });
  };
  walk(root, { start: 0, top: 0, width: 1, height: 1 });
  return { panes, borders };
}

/** A layout that was stored; absent when it is none. */
export function parseLayout(value: unknown): PaneLayout | undefined {
  const seen = new Set<string>();
  const isTree = (tree: unknown, depth: number): tree is PaneTree => {
    if (typeof tree !== "object" || tree === null || depth > 8) return false;
    const { kind, id, tabs, children, shares, axis } = tree as Record<string, unknown>;
    if (typeof id !== "string" || seen.has(id)) return false;
    seen.add(id);
    if (kind === "pane") {
      return Array.isArray(tabs) && tabs.every((tab) => typeof tab === "string");
    }
    return (
      kind === "split" &&
      (axis === "row" || axis === "column") &&
      Array.isArray(children) &&
      Array.isArray(shares) &&
      children.length === shares.length &&
      children.length > 1 &&
      shares.every((share) => typeof share === "number" && share > 0 && share < 1) &&
      children.every((child) => isTree(child, depth + 1))
    );
  };
  if (typeof value !== "object" || value === null) return undefined;
  const { root, focused, next } = value as Record<string, unknown>;
  if (typeof focused !== "string" || typeof next !== "number" || !isTree(root, 0)) return undefined;
  const tabs = panesOf(root).flatMap((pane) => pane.tabs);
  if (new Set(tabs).size !== tabs.length) return undefined;
  const layout = changePanes({ root, focused, next }, (pane) => ({
    ...pane,
    active: stillActive(pane, pane.tabs),
  }));
  return tidy(layout);
}
