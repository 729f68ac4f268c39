/** The border between two panes: dragged, or moved with arrows (WAI-ARIA window splitter). */
import { type CSSProperties, type KeyboardEvent, type PointerEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { Border } from "./tree";

/** How far an arrow moves it, as a share of the split; with Shift, more. */
const STEP = 0.02;
const LARGE_STEP = 0.1;

interface PaneBorderProps {
  border: Border;
  place: CSSProperties;
  /** The panel that the places are shares of. */
  panel: () => HTMLElement | null;
  onShare: (share: number) => void;
}

export function PaneBorder({ border, place, panel, onShare }: PaneBorderProps) {
  const { t } = useTranslation("terminals");
  const [from, setFrom] = useState<{ at: number; share: number }>();
  const { axis, share, length } = border;
  const rtl = document.documentElement.dir === "rtl";
  const along = (event: PointerEvent) => (axis === "row" ? event.clientX : event.clientY);
  const sign = axis === "row" && rtl ? -1 : 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? LARGE_STEP : STEP;
    const more = axis === "row" ? (rtl ? "ArrowLeft" : "ArrowRight") : "ArrowDown";
    const less = axis === "row" ? (rtl ? "ArrowRight" : "ArrowLeft") : "ArrowUp";
    const next = { [more]: share + step, [less]: share - step }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onShare(next);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> takes no focus; this one is moved by keys.
    <div
      role="separator"
      tabIndex={0}
      aria-label={t("panes.border")}
      aria-orientation={axis === "row" ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(share * 100)}
      aria-valuemin={10}
      aria-valuemax={90}
      style={place}
      className={cn(
        "absolute z-10 touch-none bg-line after:absolute hover:after:bg-accent/60 focus-visible:after:bg-accent",
        from && "after:bg-accent",
        axis === "row"
          ? "w-px cursor-col-resize after:-inset-x-[3px] after:inset-y-0"
          : "h-px cursor-row-resize after:inset-x-0 after:-inset-y-[3px]",
      )}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom({ at: along(event), share });
      }}
      onPointerMove={(event) => {
        const element = panel();
        if (!from || !element) return;
        const whole = (axis === "row" ? element.clientWidth : element.clientHeight) * length;
        if (whole > 0) onShare(from.share + (sign * (along(event) - from.at)) / whole);
      }}
      onPointerUp={() => setFrom(undefined)}
      onPointerCancel={() => setFrom(undefined)}
    />
  );
}
