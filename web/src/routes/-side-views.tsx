/** What stands at the side of the editor, one view at a time. */
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";

export interface SideView {
  /** Stable and unique: `files`. */
  id: string;
  /** Its name, in the current language. */
  label: string;
  icon: LucideIcon;
  content: ReactNode;
}

interface SideViewsProps {
  views: readonly SideView[];
  shown: string;
  onShow: (id: string) => void;
}

/** All views stay mounted: a search keeps its results, a tree its place. */
export function SideViews({ views, shown, onShow }: SideViewsProps) {
  const { t } = useTranslation("search");
  return (
    <div className="flex h-full min-h-0 flex-col">
      <nav aria-label={t("views")} className="flex shrink-0 border-b bg-canvas">
        {views.map(({ id, label, icon: Icon }) => (
          <button
            key={id}
            type="button"
            aria-pressed={id === shown}
            onClick={() => onShow(id)}
            className={cn(
              "flex h-8 flex-1 items-center justify-center gap-1.5 text-ink-2 text-xs hover:bg-hover pointer-coarse:h-10",
              id === shown && "bg-selected text-accent-text",
            )}
          >
            <Icon className="size-4" strokeWidth={1.75} aria-hidden />
            {label}
          </button>
        ))}
      </nav>
      {views.map(({ id, content }) => (
        <div key={id} className={cn("min-h-0 flex-1", id !== shown && "hidden")}>
          {content}
        </div>
      ))}
    </div>
  );
}
