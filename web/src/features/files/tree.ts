/** Where keys and typed letters lead in the tree, and where a drop lands. Pure. */
import { isDirectory } from "./order";
import { isWithin, parentOf } from "./paths";
import type { EntryRow, TreeRows } from "./rows";

/** Where a key leads: another row, or a folder opened or closed. */
export type TreeMove =
  | { kind: "focus"; path: string }
  | { kind: "expand" | "collapse"; path: string }
  | { kind: "none" };

/** What an arrow, Home or End does (WAI-ARIA tree pattern). `rtl` mirrors left and right. */
export function moveByKey(
  rows: TreeRows,
  focused: string | undefined,
  key: string,
  rtl: boolean,
): TreeMove {
  const index = rows.indexOf(focused);
  const at = rows.find(focused);
  const last = rows.length - 1;
  const focusOn = (row: EntryRow | undefined): TreeMove =>
    row ? { kind: "focus", path: row.path } : { kind: "none" };
  const down = (from: number) => focusOn(rows.entryFrom(from, 1) ?? rows.entryFrom(last, -1));
  const up = (from: number) => focusOn(rows.entryFrom(from, -1) ?? rows.entryFrom(0, 1));
  if (key === "Home" || (!at && key === "ArrowDown")) return down(0);
  if (key === "End") return up(last);
  if (!at) return { kind: "none" };
  if (key === "ArrowDown") return down(index + 1);
  if (key === "ArrowUp") return up(index - 1);
  if (key === "PageDown") return down(Math.min(last, index + PAGE_ROWS));
  if (key === "PageUp") return up(Math.max(0, index - PAGE_ROWS));
  if (key === (rtl ? "ArrowLeft" : "ArrowRight")) {
    if (!isDirectory(at.entry)) return { kind: "none" };
    if (!at.open) return { kind: "expand", path: at.path };
    const next = rows.entryFrom(index + 1, 1);
    return next && next.depth > at.depth ? focusOn(next) : { kind: "none" };
  }
  if (key === (rtl ? "ArrowRight" : "ArrowLeft")) {
    if (at.open) return { kind: "collapse", path: at.path };
    return at.depth > 0 ? { kind: "focus", path: parentOf(at.path) } : { kind: "none" };
  }
  return { kind: "none" };
}

/** About a screenful. */
const PAGE_ROWS = 20;

/**
 * The row that typed letters mean: the next one after the focused whose name begins with them.
 * One letter repeated walks through the names that begin with it.
 */
export function findByTyping(
  rows: TreeRows,
  focused: string | undefined,
  typed: string,
): string | undefined {
  const repeated = typed.length > 1 && [...typed].every((letter) => letter === typed[0]);
  const prefix = (repeated ? typed.slice(0, 1) : typed).toLocaleLowerCase();
  const from = rows.indexOf(focused) + (typed.length === 1 || repeated ? 1 : 0);
  const start = Math.max(0, from);
  for (let step = 0; step < rows.length; step += 1) {
    const row = rows.at((start + step) % rows.length);
    if (row?.kind === "entry" && row.entry.name.toLocaleLowerCase().startsWith(prefix)) {
      return row.path;
    }
  }
  return undefined;
}

/** The folder that a row stands for: itself, or the one that it lies in. */
export function folderOf(row: EntryRow | undefined): string {
  if (!row) return "";
  return isDirectory(row.entry) ? row.path : parentOf(row.path);
}

/** Which of `paths` a move into `folder` would move: none into itself or to where it is. */
export function movable(paths: readonly string[], folder: string): string[] {
  return paths.filter((path) => !isWithin(folder, path) && parentOf(path) !== folder);
}
