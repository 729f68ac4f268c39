/** The side panel, one view at a time, and the narrow strip that chooses it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Tooltip } from "@/components/ui/tooltip";
import { cn } from "@/lib/cn";
import { focusPanel } from "./focus";
import { useLayout } from "./layout";
import type { SideView } from "./side-views";

/** The view that is to be seen: what is remembered may not be there any more. */
export function shownView(views: readonly SideView[], wanted: string): string | undefined {
  return (views.find(({ id }) => id === wanted) ?? views[0])?.id;
}

export function ViewStrip({ views }: { views: readonly SideView[] }) {
  const { t, i18n } = useTranslation("layout");
  const layout = useLayout();
  const shown = shownView(views, layout.view);
  return (
    <nav
      aria-label={t("views")}
      className="hidden w-10 pointer-coarse:w-12 shrink-0 flex-col items-center gap-1 border-e bg-canvas py-1 md:flex"
    >
      {views.map(({ id, label, icon: Icon, badge }) => {
        const open = layout.sideOpen && shown === id;
        return (
          <Tooltip key={id} content={label} side={i18n.dir() === "rtl" ? "left" : "right"}>
            <button
              type="button"
              aria-label={label}
              aria-pressed={open}
              onClick={() => {
                if (open) layout.set({ sideOpen: false });
                else {
                  layout.reveal(id);
                  focusPanel("side");
                }
              }}
              className={cn(
                "relative flex size-8 pointer-coarse:size-10 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink",
                open && "bg-selected text-accent-text",
              )}
            >
              <Icon className="size-[18px]" strokeWidth={1.75} aria-hidden />
              {badge}
            </button>
          </Tooltip>
        );
      })}
    </nav>
  );
}

/** Views stay mounted behind the shown one: a search keeps its results, a tree its place. */
export function SideViews({ views }: { views: readonly SideView[] }) {
  const { view } = useLayout();
  const shown = shownView(views, view);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  if (shown !== undefined && !seen.has(shown)) setSeen(new Set([...seen, shown]));
  return views
    .filter(({ id, eager }) => eager || seen.has(id))
    .map(({ id, content }) => (
      <div key={id} className={cn("h-full", id !== shown && "hidden")}>
        {content}
      </div>
    ));
}
