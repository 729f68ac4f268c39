/** The open tabs: order, the active one, and what is left when one closes. Pure. */
import { shownPath } from "@/lib/shown-path";

export interface Tabs {
  /** Paths, in the order of the tab bar. */
  order: readonly string[];
  active: string | undefined;
  /** The tab that was only looked into: the next one that is takes its place. */
  preview?: string | undefined;
}

export const NO_TABS: Tabs = { order: [], active: undefined };

/** Opens `path` beside the active tab, or goes to it. */
export function openTab(tabs: Tabs, path: string, preview = false): Tabs {
  if (tabs.order.includes(path)) {
    const shown = { ...tabs, active: path };
    return preview ? shown : keepTab(shown, path);
  }
  if (preview && tabs.preview !== undefined) {
    const order = tabs.order.map((other) => (other === tabs.preview ? path : other));
    return { order, active: path, preview: path };
  }
  const at = tabs.active === undefined ? tabs.order.length : tabs.order.indexOf(tabs.active) + 1;
  const order = [...tabs.order.slice(0, at), path, ...tabs.order.slice(at)];
  return { order, active: path, preview: preview ? path : tabs.preview };
}

/** What was only looked into stays. */
export function keepTab(tabs: Tabs, path: string): Tabs {
  return tabs.preview === path ? { ...tabs, preview: undefined } : tabs;
}

/** Closes `path`; its right neighbour becomes active, else its left one. */
export function closeTab(tabs: Tabs, path: string): Tabs {
  const at = tabs.order.indexOf(path);
  if (at < 0) return tabs;
  const order = tabs.order.filter((other) => other !== path);
  const active = tabs.active === path ? (order[at] ?? order[at - 1]) : tabs.active;
  return { ...keepTab(tabs, path), order, active };
}

/** The tab `step` places further, around the end. */
export function stepTab(tabs: Tabs, step: number): Tabs {
  if (tabs.active === undefined) return tabs;
  const count = tabs.order.length;
  const at = tabs.order.indexOf(tabs.active);
  return { ...tabs, active: tabs.order[(at + step + count) % count] };
}

/** Renames paths; what would meet an open tab of that name takes its place. */
export function renameTabs(tabs: Tabs, rename: (path: string) => string): Tabs {
  const order = [...new Set(tabs.order.map(rename))];
  const renamed = (path: string | undefined) => (path === undefined ? undefined : rename(path));
  return { order, active: renamed(tabs.active), preview: renamed(tabs.preview) };
}

/** Names for the tabs: files of the same name are told apart by their directory. */
export function tabLabels(
  order: readonly string[],
): Map<string, { name: string; hint: string | undefined }> {
  const names = new Map<string, number>();
  const nameOf = (path: string) => shownPath(path.slice(path.lastIndexOf("/") + 1));
  for (const path of order) names.set(nameOf(path), (names.get(nameOf(path)) ?? 0) + 1);
  return new Map(
    order.map((path) => {
      const name = nameOf(path);
      const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      return [
        path,
        { name, hint: (names.get(name) ?? 0) > 1 ? shownPath(directory) || "/" : undefined },
      ];
    }),
  );
}

/** How many tabs are restored: each is a request and a buffer. */
const RESTORED_TABS_MAX = 40;

/** The tabs as text for the browser's storage. */
export function serializeTabs(tabs: Tabs): string {
  const { order, active, preview } = tabs;
  return JSON.stringify({ order: order.slice(0, RESTORED_TABS_MAX), active, preview });
}

/** Reads what was stored; anything else is no tabs. */
export function parseTabs(stored: string | null): Tabs {
  try {
    const value: unknown = JSON.parse(stored ?? "null");
    if (
      typeof value !== "object" ||
      value === null ||
      !("order" in value) ||
      !Array.isArray(value.order)
    ) {
      return NO_TABS;
    }
    const order = value.order
      .filter((path): path is string => typeof path === "string")
      .slice(0, RESTORED_TABS_MAX);
    const known = (path: unknown) => order.find((other) => other === path);
    return {
      order,
      active: known("active" in value ? value.active : undefined) ?? order[0],
      preview: known("preview" in value ? value.preview : undefined),
    };
  } catch {
    return NO_TABS;
  }
}
