/** A border between two groups: dragged, or moved with arrows (WAI-ARIA window splitter). */
import { type KeyboardEvent, type PointerEvent, useRef } from "react";
import { cn } from "@/lib/cn";

/** How far an arrow moves it, and how small a neighbour may become, as shares of the whole. */
const STEP = 0.05;
const SHARE_MIN = 0.1;

interface ShareSplitterProps {
  label: string;
  axis: "inline" | "block";
  shares: readonly number[];
  /** The child that stands before it. */
  index: number;
  onShares: (shares: number[]) => void;
}

export function ShareSplitter({ label, axis, shares, index, onShares }: ShareSplitterProps) {
  const from = useRef<{ at: number; shares: readonly number[] }>(undefined);
  const rtl = document.documentElement.dir === "rtl";
  const before = shares[index] ?? 0;
  const both = before + (shares[index + 1] ?? 0);
  const move = (base: readonly number[], by: number) => {
    const share = Math.min(both - SHARE_MIN, Math.max(SHARE_MIN, (base[index] ?? 0) + by));
    onShares(
      shares.map((old, at) => (at === index ? share : at === index + 1 ? both - share : old)),
    );
  };
  const along = (event: PointerEvent) =>
    axis === "block" ? event.clientY : rtl ? -event.clientX : event.clientX;

  const onKeyDown = (event: KeyboardEvent) => {
    const grow = axis === "block" ? "ArrowDown" : rtl ? "ArrowLeft" : "ArrowRight";
    const shrink = axis === "block" ? "ArrowUp" : rtl ? "ArrowRight" : "ArrowLeft";
    if (event.key !== grow && event.key !== shrink) return;
    event.preventDefault();
    move(shares, event.key === grow ? STEP : -STEP);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes no focus; this one is moved by keys.
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={axis === "inline" ? "vertical" : "horizontal"}
      aria-valuenow={Math.round((before / both) * 100)}
      aria-valuemin={0}
      aria-valuemax={100}
      className={cn(
        "relative z-10 shrink-0 touch-none bg-line max-md:hidden",
        // The line is a hairline; what can be caught is wider.
        "after:absolute after:transition-colors hover:after:bg-accent/60 focus-visible:after:bg-accent",
        axis === "inline"
          ? "w-px cursor-col-resize after:-inset-x-[3px] after:inset-y-0"
          : "h-px cursor-row-resize after:inset-x-0 after:-inset-y-[3px]",
      )}
      onKeyDown={onKeyDown}
      onDoubleClick={() => move(shares, both / 2 - before)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { at: along(event), shares };
      }}
      onPointerMove={(event) => {
        const parent = event.currentTarget.parentElement;
        if (!from.current || !parent) return;
        const whole = axis === "inline" ? parent.clientWidth : parent.clientHeight;
        move(from.current.shares, (along(event) - from.current.at) / whole);
      }}
      onPointerUp={() => {
        from.current = undefined;
      }}
      onPointerCancel={() => {
        from.current = undefined;
      }}
    />
  );
}
