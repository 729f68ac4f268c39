/** A border that can be dragged, or moved with arrows (WAI-ARIA window splitter). */
import { type KeyboardEvent, type PointerEvent, useState } from "react";
import { cn } from "@/lib/cn";

/** How far an arrow moves it, in pixels; with Shift, more. */
const STEP = 16;
const LARGE_STEP = 96;

interface SplitterProps {
  label: string;
  /** `inline`: between start and end. `block`: between top and bottom. */
  axis: "inline" | "block";
  /** Which neighbour has the size. */
  of: "before" | "after";
  /** In pixels. */
  size: number;
  min: number;
  max: number;
  onSize: (size: number) => void;
  /** A double click goes back to it. */
  initial: number;
}

export function Splitter({ label, axis, of, size, min, max, onSize, initial }: SplitterProps) {
  const [dragging, setDragging] = useState<{ from: number; size: number }>();
  const set = (next: number) => onSize(Math.round(Math.min(max, Math.max(min, next))));
  const rtl = document.documentElement.dir === "rtl";
  const along = (event: PointerEvent) => (axis === "inline" ? event.clientX : event.clientY);
  // The panel grows away from its outer edge.
  const sign = (axis === "inline" && rtl ? -1 : 1) * (of === "before" ? 1 : -1);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const forward = axis === "inline" ? "ArrowRight" : "ArrowDown";
    const backward = axis === "inline" ? "ArrowLeft" : "ArrowUp";
    const [grow, shrink] = sign > 0 ? [forward, backward] : [backward, forward];
    const next = { [grow]: size + step, [shrink]: size - step, Home: min, End: max }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    set(next);
  };

  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes no focus; this one is moved by keys.
    <div
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={axis === "inline" ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      className={cn(
        "relative z-10 shrink-0 touch-none bg-line max-md:hidden",
        // The line is a hairline; what can be caught is wider.
        "after:absolute after:transition-colors hover:after:bg-accent/60 focus-visible:after:bg-accent",
        dragging && "after:bg-accent",
        axis === "inline"
          ? "w-px cursor-col-resize after:-inset-x-[3px] after:inset-y-0"
          : "h-px cursor-row-resize after:inset-x-0 after:-inset-y-[3px]",
      )}
      onKeyDown={onKeyDown}
      onDoubleClick={() => set(initial)}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging({ from: along(event), size });
      }}
      onPointerMove={(event) => {
        if (dragging) set(dragging.size + sign * (along(event) - dragging.from));
      }}
      onPointerUp={() => setDragging(undefined)}
      onPointerCancel={() => setDragging(undefined)}
    />
  );
}
