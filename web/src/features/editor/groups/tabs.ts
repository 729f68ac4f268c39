/** The tabs of one group: their order, the active one, and what is left when one closes. Pure. */
import { shownPath } from "@/lib/shown-path";
import { isLastingKey, pathOf, viewOf } from "./views";

/** Each tab by its key (views.ts). */
export interface Tabs {
  /** In the order of the tab bar; pinned ones stand first. */
  order: readonly string[];
  active: string | undefined;
  /** The tab that was only looked into: the next one that is takes its place. */
  preview?: string | undefined;
  /** How many are pinned: they stay when others are closed. */
  pinned?: number | undefined;
}

export const NO_TABS: Tabs = { order: [], active: undefined };

/** How many tabs of a group are pinned. */
function pinnedCount(tabs: Tabs): number {
  return tabs.pinned ?? 0;
}

/** Opens `key` beside the active tab, or goes to it. */
export function openTab(tabs: Tabs, key: string, preview = false): Tabs {
  if (tabs.order.includes(key)) {
    const shown = { ...tabs, active: key };
    return preview ? shown : keepTab(shown, key);
  }
  if (preview && tabs.preview !== undefined) {
    const order = tabs.order.map((other) => (other === tabs.preview ? key : other));
    return { ...tabs, order, active: key, preview: key };
  }
  const active =
    tabs.active === undefined ? tabs.order.length : tabs.order.indexOf(tabs.active) + 1;
  const order = tabs.order.toSpliced(Math.max(active, pinnedCount(tabs)), 0, key);
  return { ...tabs, order, active: key, preview: preview ? key : tabs.preview };
}

/** What was only looked into stays. */
export function keepTab(tabs: Tabs, key: string): Tabs {
  return tabs.preview === key ? { ...tabs, preview: undefined } : tabs;
}

/** Closes `key`; its right neighbour becomes active, else its left one. */
export function closeTab(tabs: Tabs, key: string): Tabs {
  const at = tabs.order.indexOf(key);
  if (at < 0) return tabs;
  const order = tabs.order.filter((other) => other !== key);
  const active = tabs.active === key ? (order[at] ?? order[at - 1]) : tabs.active;
  const pinned = at < pinnedCount(tabs) ? pinnedCount(tabs) - 1 : tabs.pinned;
  return { ...keepTab(tabs, key), order, active, pinned };
}

export function isPinned(tabs: Tabs, key: string): boolean {
  const at = tabs.order.indexOf(key);
  return at >= 0 && at < pinnedCount(tabs);
}

/** Pins a tab, behind those that are; or takes its pin away, and it stands first of the others. */
export function togglePin(tabs: Tabs, key: string): Tabs {
  if (!tabs.order.includes(key)) return tabs;
  const was = isPinned(tabs, key);
  const others = tabs.order.filter((other) => other !== key);
  const pinned = pinnedCount(tabs) - (was ? 1 : 0);
  const order = others.toSpliced(pinned, 0, key);
  return { ...keepTab(tabs, key), order, pinned: was ? pinned : pinned + 1 };
}

/** Puts a tab before the one that stands at `index` now, within the pinned or the others. */
export function placeTab(tabs: Tabs, key: string, index: number): Tabs {
  const from = tabs.order.indexOf(key);
  if (from < 0) return tabs;
  const pinned = pinnedCount(tabs);
  const [first, last] = from < pinned ? [0, pinned - 1] : [pinned, tabs.order.length - 1];
  const target = Math.min(last, Math.max(first, index > from ? index - 1 : index));
  const order = tabs.order.filter((other) => other !== key).toSpliced(target, 0, key);
  return { ...keepTab(tabs, key), order };
}

/** Moves a tab by places of the bar. */
export function shiftTab(tabs: Tabs, key: string, by: 1 | -1): Tabs {
  const at = tabs.order.indexOf(key);
  return placeTab(tabs, key, by === 1 ? at + 2 : at - 1);
}

/** Which tabs an order to close means: never a pinned one, except that very tab. */
export function tabsToClose(tabs: Tabs, key: string, which: "others" | "right"): string[] {
  const at = tabs.order.indexOf(key);
  return tabs.order.filter(
    (other, index) => other !== key && !isPinned(tabs, other) && (which === "others" || index > at),
  );
}

/** The tab `step` places further, around the end. */
export function stepTab(tabs: Tabs, step: number): Tabs {
  if (tabs.active === undefined) return tabs;
  const count = tabs.order.length;
  const at = tabs.order.indexOf(tabs.active);
  return { ...tabs, active: tabs.order[(at + step + count) % count] };
}

/** Renames keys; what would meet an open tab of that name takes its place. */
export function renameTabs(tabs: Tabs, rename: (key: string) => string): Tabs {
  const renamed = (key: string | undefined) => (key === undefined ? undefined : rename(key));
  const order = [...new Set(tabs.order.map(rename))];
  const pinned = tabs.pinned && new Set(tabs.order.slice(0, tabs.pinned).map(rename)).size;
  return { ...tabs, order, active: renamed(tabs.active), preview: renamed(tabs.preview), pinned };
}

export interface TabLabel {
  name: string;
  /** The folder, where two tabs have the same name. */
  hint: string | undefined;
}

/** Names for the tabs: files of the same name are told apart by their directory. */
export function tabLabels(order: readonly string[]): Map<string, TabLabel> {
  const names = new Map<string, number>();
  const fileOf = (key: string) => pathOf(key) ?? "";
  const nameOf = (key: string) => shownPath(fileOf(key).slice(fileOf(key).lastIndexOf("/") + 1));
  for (const key of order) {
    if (viewOf(key).kind === "file") names.set(nameOf(key), (names.get(nameOf(key)) ?? 0) + 1);
  }
  return new Map(
    order.map((key) => {
      const name = nameOf(key);
      const path = fileOf(key);
      const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      const twice = (names.get(name) ?? 0) > 1 && viewOf(key).kind === "file";
      return [key, { name, hint: twice ? shownPath(directory) || "/" : undefined }];
    }),
  );
}

/** How many tabs of a group are restored: each is a request and a buffer. */
const RESTORED_TABS_MAX = 40;

/** What is kept of the tabs for the next visit. */
export function lastingTabs(tabs: Tabs): Tabs {
  const lasts = (key: string | undefined) => key !== undefined && isLastingKey(key);
  const order = tabs.order.filter(lasts).slice(0, RESTORED_TABS_MAX);
  const pinned = tabs.order.slice(0, pinnedCount(tabs)).filter(lasts).length;
  return { order, active: tabs.active, preview: tabs.preview, pinned };
}

/** Reads what was stored; anything else is no tabs. */
export function parseTabs(value: unknown): Tabs {
  if (typeof value !== "object" || value === null) return NO_TABS;
  const stored = value as Partial<Record<keyof Tabs, unknown>>;
  if (!Array.isArray(stored.order)) return NO_TABS;
  const order = [...new Set<unknown>(stored.order)]
    .filter((key): key is string => typeof key === "string" && isLastingKey(key))
    .slice(0, RESTORED_TABS_MAX);
  const known = (key: unknown) => order.find((other) => other === key);
  const pinned = Number.isInteger(stored.pinned) ? Number(stored.pinned) : 0;
  return {
    order,
    active: known(stored.active) ?? order[0],
    preview: known(stored.preview),
    pinned: Math.min(order.length, Math.max(0, pinned)),
  };
}
