/**
 * Scrolls through a file by offsets in bytes. The scroll bar's height is bounded (browsers draw
 * nothing beyond some millions of pixels), so a large file's bar is coarse; wheel and keys move by
 * rows exactly.
 */
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";

/** Pixels. Every browser lays out a little more than this. */
const SPAN_MAX = 8_000_000;
/** Pixels for a byte: a row of 20 pixels for a line of about 40 bytes. */
const SPAN_PER_BYTE = 0.5;
export const ROW_PX = 20;

interface ByteScrollerProps {
  label: string;
  size: number;
  /** The offset that stands on top. */
  top: number;
  /** How many rows fit. */
  rows: number;
  onMove: (rows: number) => void;
  /** To the row at or before an offset; the file's size means its end. */
  onJump: (offset: number) => void;
  onRows: (rows: number) => void;
  children: ReactNode;
}

export function ByteScroller(props: ByteScrollerProps) {
  const { size, top, rows } = props;
  const box = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  /** Where the bar was put by us: that event is no one's wish. */
  const placed = useRef(0);
  const span = Math.max(1, Math.min(SPAN_MAX, Math.ceil(size * SPAN_PER_BYTE)));

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => {
      latest.current.onRows(Math.max(1, Math.floor(element.clientHeight / ROW_PX)));
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    let rest = 0;
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey || event.shiftKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 1 : 1 / ROW_PX;
      rest += event.deltaY * unit;
      const whole = Math.trunc(rest);
      rest -= whole;
      if (whole !== 0) latest.current.onMove(whole);
    };
    // React's own wheel listeners cannot keep the page from scrolling.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", onWheel);
    };
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element || size === 0) return;
    const room = element.scrollHeight - element.clientHeight;
    const wanted = Math.round((top / size) * room);
    if (Math.abs(element.scrollTop - wanted) < 2) return;
    element.scrollTop = wanted;
    placed.current = element.scrollTop;
  }, [top, size]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) return;
    const page = Math.max(1, rows - 1);
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page }[event.key];
    const to = { Home: 0, End: size }[event.key];
    if (by === undefined && to === undefined) return;
    event.preventDefault();
    if (by !== undefined) props.onMove(by);
    if (to !== undefined) props.onJump(to);
  };

  return (
    <div
      ref={box}
      role="document"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be in reach of the keyboard.
      tabIndex={0}
      aria-label={props.label}
      dir="ltr"
      className="relative min-h-0 flex-1 overflow-auto outline-none focus-visible:outline-2 focus-visible:outline-focus focus-visible:-outline-offset-2"
      onKeyDown={onKeyDown}
      onScroll={({ currentTarget: element }) => {
        if (Math.abs(element.scrollTop - placed.current) < 2) return;
        placed.current = element.scrollTop;
        const room = element.scrollHeight - element.clientHeight;
        const fraction = room <= 0 ? 0 : element.scrollTop / room;
        props.onJump(fraction > 0.9999 ? size : Math.floor(fraction * size));
      }}
    >
      <div style={{ height: span + rows * ROW_PX }} className="pointer-events-none absolute w-px" />
      <div
        className="sticky top-0 w-max min-w-full font-mono text-xs leading-5"
        style={{ height: rows * ROW_PX }}
      >
        {props.children}
      </div>
    </div>
  );
}
