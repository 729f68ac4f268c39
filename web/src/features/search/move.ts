/** Where a key leads in the results. */
import type { ResultRow } from "./results";

/** Rows that a page has, about. */
const PAGE = 12;

interface Move {
  row: ResultRow;
  /** Its file is opened or collapsed. */
  toggle?: boolean;
}

/** Follows the tree pattern; nothing when the key means nothing here. */
export function moveInResults(
  rows: readonly ResultRow[],
  focused: string | undefined,
  key: string,
  rtl: boolean,
): Move | undefined {
  const at = rows.findIndex((row) => row.key === focused);
  const row = rows[at];
  const [open, close] = rtl ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  if (row?.kind === "file" && (key === open || key === close)) {
    if (row.open === (key === close)) return { row, toggle: true };
    const first = key === open ? rows[at + 1] : undefined;
    return { row: first ?? row };
  }
  if (row?.kind === "match" && key === close) {
    const file = rows.find((other) => other.kind === "file" && other.file === row.file);
    return file && { row: file };
  }
  const steps: Record<string, number> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + PAGE,
    PageUp: at - PAGE,
    Home: 0,
    End: rows.length - 1,
  };
  const to = steps[key];
  if (to === undefined) return undefined;
  const next = rows[Math.min(rows.length - 1, Math.max(0, to))];
  return next && { row: next };
}

/** The next match after the focused row, or the one before it; around the end. */
export function nextMatch(
  rows: readonly ResultRow[],
  focused: string | undefined,
  forward: boolean,
): Extract<ResultRow, { kind: "match" }> | undefined {
  const at = rows.findIndex((row) => row.key === focused);
  const matches = rows.flatMap((row, index) => (row.kind === "match" ? [{ row, index }] : []));
  const found = forward
    ? (matches.find(({ index }) => index > at) ?? matches[0])
    : (matches.findLast(({ index }) => index < at) ?? matches.at(-1));
  return found?.row;
}
