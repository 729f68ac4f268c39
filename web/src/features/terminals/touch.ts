/** Selecting by touch: a long press takes the word, and moving on from there more. */
import type { Terminal } from "@xterm/xterm";

/** How long a press is a long one, in milliseconds; systems use about this. */
const LONG_PRESS_MS = 450;
/** A finger that moves so far, in pixels, before that wants to scroll. */
const SLOP_PX = 10;

interface Cell {
  column: number;
  /** Counted from the oldest line that is kept. */
  row: number;
}

/** Listens to touches; the returned function stops it. */
export function selectByTouch(
  element: HTMLElement,
  xterm: Terminal,
  onSelection: (selected: boolean) => void,
): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let begin: { x: number; y: number } | undefined;
  let anchor: { from: Cell; to: Cell } | undefined;

  const cellAt = (touch: Touch): Cell | undefined => {
    const screen = element.querySelector(".xterm-screen");
    if (!screen) return undefined;
    const box = screen.getBoundingClientRect();
    const within = (value: number, count: number) => Math.max(0, Math.min(count - 1, value));
    const column = Math.floor(((touch.clientX - box.left) / box.width) * xterm.cols);
    const row = Math.floor(((touch.clientY - box.top) / box.height) * xterm.rows);
    return {
      column: within(column, xterm.cols),
      row: within(row, xterm.rows) + xterm.buffer.active.viewportY,
    };
  };

  const select = (from: Cell, to: Cell) => {
    const length = (to.row - from.row) * xterm.cols + to.column - from.column + 1;
    if (length > 0) xterm.select(from.column, from.row, length);
  };

  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    begin = undefined;
  };

  const onStart = (event: TouchEvent) => {
    const touch = event.touches[0];
    stop();
    anchor = undefined;
    if (event.touches.length !== 1 || !touch) return;
    if (xterm.hasSelection()) {
      xterm.clearSelection();
      onSelection(false);
    }
    begin = { x: touch.clientX, y: touch.clientY };
    timer = setTimeout(() => {
      const cell = cellAt(touch);
      if (!cell) return;
      anchor = wordAt(xterm, cell);
      select(anchor.from, anchor.to);
      navigator.vibrate?.(10);
      onSelection(true);
    }, LONG_PRESS_MS);
  };

  const onMove = (event: TouchEvent) => {
    const touch = event.touches[0];
    if (!touch) return;
    if (anchor) {
      // It selects now and does not scroll.
      event.preventDefault();
      event.stopPropagation();
      const cell = cellAt(touch);
      if (!cell) return;
      const before =
        cell.row < anchor.from.row ||
        (cell.row === anchor.from.row && cell.column < anchor.from.column);
      if (before) select(cell, anchor.to);
      else select(anchor.from, cell);
    } else if (begin && Math.hypot(touch.clientX - begin.x, touch.clientY - begin.y) > SLOP_PX) {
      stop();
    }
  };

  const capture = { capture: true, passive: false };
  element.addEventListener("touchstart", onStart, { capture: true, passive: true });
  element.addEventListener("touchmove", onMove, capture);
  element.addEventListener("touchend", stop, true);
  element.addEventListener("touchcancel", stop, true);
  return () => {
    stop();
    element.removeEventListener("touchstart", onStart, true);
    element.removeEventListener("touchmove", onMove, true);
    element.removeEventListener("touchend", stop, true);
    element.removeEventListener("touchcancel", stop, true);
  };
}

/** The word around a cell, or the cell. */
function wordAt(xterm: Terminal, cell: Cell): { from: Cell; to: Cell } {
  const text = xterm.buffer.active.getLine(cell.row)?.translateToString() ?? "";
  const isWord = (at: number) => /[^\s"'`()[\]{}<>|,;]/.test(text[at] ?? " ");
  let from = cell.column;
  let to = cell.column;
  if (isWord(from)) {
    while (from > 0 && isWord(from - 1)) from -= 1;
    while (to + 1 < text.length && isWord(to + 1)) to += 1;
  }
  return { from: { ...cell, column: from }, to: { ...cell, column: to } };
}
