/**
 * The groups of the editor: tabs beside and below each other. A tree of splits whose leaves are
 * groups. Pure.
 *
 * Invariant: there is always one group; a group that loses its last tab goes, unless it is the only
 * one. A split has at least two children, and a child of another axis than its own.
 */
import { lastingTabs, NO_TABS, parseTabs, type Tabs } from "./tabs";

/** Where a group stands: alone, or in a row (`inline`) or column (`block`) of several. */
export type GroupNode =
  | { kind: "group"; id: string }
  | {
      kind: "split";
      axis: "inline" | "block";
      /** The children's shares; they sum up to 1. */
      shares: readonly number[];
      children: readonly GroupNode[];
    };

export interface Groups {
  root: GroupNode;
  tabs: Readonly<Record<string, Tabs>>;
  /** The group that opened files go to, and that commands mean. */
  active: string;
}

/** Sides of a group, as the text of the interface runs. */
export type GroupSide = "start" | "end" | "above" | "below";

/** More would be narrower than a line of code. */
export const GROUPS_MAX = 8;

const FIRST_GROUP = "1";

export const NO_GROUPS: Groups = {
  root: { kind: "group", id: FIRST_GROUP },
  tabs: { [FIRST_GROUP]: NO_TABS },
  active: FIRST_GROUP,
};

/** The groups in reading order. */
export function groupIds(node: GroupNode): string[] {
  return node.kind === "group" ? [node.id] : node.children.flatMap(groupIds);
}

export function tabsOf(groups: Groups, id: string): Tabs {
  return groups.tabs[id] ?? NO_TABS;
}

/** The groups that show `key` in a tab, the active one first. */
export function groupsWith(groups: Groups, key: string): string[] {
  const ids = groupIds(groups.root).filter((id) => tabsOf(groups, id).order.includes(key));
  return ids.sort((a, b) => Number(b === groups.active) - Number(a === groups.active));
}

/** Every open key, once. */
export function openKeys(groups: Groups): string[] {
  return [...new Set(groupIds(groups.root).flatMap((id) => tabsOf(groups, id).order))];
}

/** The group `step` places further in reading order, around the end. */
export function neighbourGroup(groups: Groups, id: string, step: 1 | -1): string {
  const ids = groupIds(groups.root);
  return ids[(ids.indexOf(id) + step + ids.length) % ids.length] ?? id;
}

/** New tabs for a group; an empty one goes, except the last. */
export function withTabs(groups: Groups, id: string, tabs: Tabs): Groups {
  const changed = { ...groups, tabs: { ...groups.tabs, [id]: tabs } };
  return tabs.order.length === 0 ? withoutGroup(changed, id) : changed;
}

/** Makes a group at a side of `id`, with `key` in it. At the bound, the group itself is taken. */
export function splitGroup(groups: Groups, id: string, side: GroupSide, tabs: Tabs): Groups {
  const ids = groupIds(groups.root);
  if (ids.length >= GROUPS_MAX) {
    return { ...groups, active: id };
  }
  const made = String(Math.max(...ids.map(Number)) + 1);
  const axis = side === "start" || side === "end" ? "inline" : "block";
  const before = side === "start" || side === "above";
  const insert = (node: GroupNode): GroupNode => {
    if (node.kind === "group") {
      if (node.id !== id) return node;
      const fresh: GroupNode = { kind: "group", id: made };
      const children = before ? [fresh, node] : [node, fresh];
      return { kind: "split", axis, shares: [0.5, 0.5], children };
    }
    return flattened({ ...node, children: node.children.map(insert) });
  };
  return {
    root: insert(groups.root),
    tabs: { ...groups.tabs, [made]: tabs },
    active: made,
  };
}

/** A split in a split of the same axis is one of more children. */
function flattened(node: GroupNode): GroupNode {
  if (node.kind === "group") return node;
  const children: GroupNode[] = [];
  const shares: number[] = [];
  node.children.forEach((child, index) => {
    const share = node.shares[index] ?? 0;
    if (child.kind === "split" && child.axis === node.axis) {
      children.push(...child.children);
      shares.push(...child.shares.map((part) => part * share));
    } else {
      children.push(child);
      shares.push(share);
    }
  });
  return { ...node, children, shares };
}

function withoutGroup(groups: Groups, id: string): Groups {
  const ids = groupIds(groups.root);
  if (ids.length < 2) return groups;
  const remove = (node: GroupNode): GroupNode | undefined => {
    if (node.kind === "group") return node.id === id ? undefined : node;
    const kept = node.children.map(remove);
    const children = kept.filter((child) => child !== undefined);
    const shares = node.shares.filter((_, index) => kept[index] !== undefined);
    const sum = shares.reduce((total, share) => total + share, 0);
    if (children.length < 2) return children[0];
    return flattened({ ...node, children, shares: shares.map((share) => share / sum) });
  };
  const { [id]: _, ...tabs } = groups.tabs;
  const at = ids.indexOf(id);
  const active = groups.active === id ? (ids[at - 1] ?? ids[at + 1] ?? id) : groups.active;
  return { root: remove(groups.root) ?? groups.root, tabs, active };
}

/** New shares for the split that `path` (the children's places) leads to. */
export function resized(
  root: GroupNode,
  path: readonly number[],
  shares: readonly number[],
): GroupNode {
  if (root.kind === "group") return root;
  const [at, ...rest] = path;
  if (at === undefined) return { ...root, shares };
  const children = root.children.map((child, index) =>
    index === at ? resized(child, rest, shares) : child,
  );
  return { ...root, children };
}

/** The groups as text for the browser's storage. */
export function serializeGroups(groups: Groups): string {
  const tabs = Object.fromEntries(
    groupIds(groups.root).map((id) => [id, lastingTabs(tabsOf(groups, id))]),
  );
  return JSON.stringify({ root: groups.root, tabs, active: groups.active });
}

/** Reads what was stored; anything else is one empty group. */
export function parseGroups(stored: string | null): Groups {
  let value: { root?: unknown; tabs?: Record<string, unknown>; active?: unknown } | null;
  try {
    value = JSON.parse(stored ?? "null");
  } catch {
    return NO_GROUPS;
  }
  if (typeof value !== "object" || value === null) return NO_GROUPS;
  const root = parseNode(value.root);
  const ids = root ? groupIds(root) : [];
  if (!root || ids.length > GROUPS_MAX || new Set(ids).size !== ids.length) return NO_GROUPS;
  const tabs = Object.fromEntries(ids.map((id) => [id, parseTabs(value.tabs?.[id])]));
  const active = ids.find((id) => id === value.active) ?? ids[0] ?? FIRST_GROUP;
  const empty = ids.filter((id) => tabs[id]?.order.length === 0);
  return empty.reduce<Groups>(withoutGroup, { root, tabs, active });
}

/** No deeper than every group split once from the one before. */
function parseNode(value: unknown, depth = 0): GroupNode | undefined {
  if (typeof value !== "object" || value === null || depth > GROUPS_MAX) return undefined;
  const node = value as Record<string, unknown>;
  if (node.kind === "group") {
    return typeof node.id === "string" && /^\d{1,6}$/.test(node.id)
      ? { kind: "group", id: node.id }
      : undefined;
  }
  const { axis, children: stored, shares } = node;
  if ((axis !== "inline" && axis !== "block") || !Array.isArray(stored)) return undefined;
  const children = stored.map((child) => parseNode(child, depth + 1));
  if (children.length < 2 || children.includes(undefined)) return undefined;
  const even = children.map(() => 1 / children.length);
  const valid =
    Array.isArray(shares) &&
    shares.length === children.length &&
    shares.every((share) => typeof share === "number" && share > 0 && share < 1);
  return {
    kind: "split",
    axis,
    children: children.filter((child) => child !== undefined),
    shares: valid ? shares : even,
  };
}
