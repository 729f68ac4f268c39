/**
 * What a tab shows. Most tabs show a file, and their key is its path; a view has a key that begins
 * with a slash, as no path of the files API does. Pure.
 */

/** One side of a comparison. */
export type DiffSide =
  /** The file as it is open, edits included. */
  | { source: "file"; path: string }
  /** The file as it is on disk. */
  | { source: "saved"; path: string }
  /** What was in the clipboard; kept only as long as the page. */
  | { source: "clipboard"; id: string };

export type TabView =
  | { kind: "file"; path: string }
  /** Markdown, rendered. */
  | { kind: "markdown"; path: string }
  /** The bytes. */
  | { kind: "hex"; path: string }
  | { kind: "diff"; original: DiffSide; modified: DiffSide };

/** The key of the tab that shows it. */
export function viewKey(view: TabView): string {
  if (view.kind === "file") return view.path;
  if (view.kind === "diff") {
    const { original, modified } = view;
    return `/${JSON.stringify({ kind: "diff", original, modified })}`;
  }
  return `/${JSON.stringify({ kind: view.kind, path: view.path })}`;
}

/** What a key shows. */
export function viewOf(key: string): TabView {
  if (!key.startsWith("/")) return { kind: "file", path: key };
  return JSON.parse(key.slice(1)) as TabView;
}

/** Whether a stored key is one that {@link viewKey} makes, and can be shown at another visit. */
export function isLastingKey(key: string): boolean {
  if (!key.startsWith("/")) return key !== "";
  try {
    const view = viewOf(key);
    if (!("kind" in view) || viewKey(view) !== key || view.kind === "file") return false;
    return view.kind !== "diff" || ![view.original, view.modified].some(isClipboard);
  } catch {
    return false;
  }
}

function isClipboard(side: DiffSide): boolean {
  return side.source === "clipboard";
}

function sidePath(side: DiffSide): string | undefined {
  return side.source === "clipboard" ? undefined : side.path;
}

/** The file that a tab is about. */
export function pathOf(key: string): string | undefined {
  const view = viewOf(key);
  if (view.kind !== "diff") return view.path;
  return sidePath(view.modified) ?? sidePath(view.original);
}

/** The files whose text the view shows as it is edited. */
export function openPaths(key: string): string[] {
  const view = viewOf(key);
  switch (view.kind) {
    case "file":
    case "markdown":
      return [view.path];
    case "hex":
      return [];
    case "diff":
      return [view.original, view.modified].flatMap((side) =>
        side.source === "file" ? [side.path] : [],
      );
  }
}

/** The key after files were moved. */
export function renamedKey(key: string, rename: (path: string) => string): string {
  const view = viewOf(key);
  if (view.kind !== "diff") return viewKey({ ...view, path: rename(view.path) });
  const side = (of: DiffSide): DiffSide =>
    of.source === "clipboard" ? of : { ...of, path: rename(of.path) };
  return viewKey({ ...view, original: side(view.original), modified: side(view.modified) });
}
