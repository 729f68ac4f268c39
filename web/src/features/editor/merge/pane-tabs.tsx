/** The panes of a merge where they stand one at a time. */
import type { KeyboardEvent } from "react";
import { cn } from "@/lib/cn";
import type { Pane } from "./merger";

interface PaneTabsProps {
  label: string;
  panes: readonly Pane[];
  names: Record<Pane, string>;
  shown: Pane;
  onShow: (pane: Pane) => void;
}

export function PaneTabs({ label, panes, names, shown, onShow }: PaneTabsProps) {
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const step = forward === "ArrowRight" ? by : -by;
    const next = panes.at((panes.indexOf(shown) + step) % panes.length);
    if (!next) return;
    onShow(next);
    event.currentTarget.querySelector<HTMLElement>(`[data-pane="${next}"]`)?.focus();
  };
  return (
    <div role="tablist" aria-label={label} className="flex border-b" onKeyDown={onKeyDown}>
      {panes.map((pane) => (
        <button
          key={pane}
          type="button"
          role="tab"
          data-pane={pane}
          tabIndex={pane === shown ? 0 : -1}
          aria-selected={pane === shown}
          onClick={() => onShow(pane)}
          className={cn(
            "min-h-10 min-w-0 flex-1 truncate border-b-2 px-2 text-sm -outline-offset-2",
            pane === shown ? "border-accent text-ink" : "border-transparent text-ink-2",
          )}
        >
          {names[pane]}
        </button>
      ))}
    </div>
  );
}
