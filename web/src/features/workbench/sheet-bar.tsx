import { Code, SquareTerminal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { useLayout } from "./layout";
import type { SideView } from "./side-views";

/** A phone's way between the panels: each view of the side, the editor, the terminal. */
export function SheetBar({ views }: { views: readonly SideView[] }) {
  const { t } = useTranslation("layout");
  const { sheet: shown, reveal } = useLayout();
  const sheets = [
    ...views,
    { id: "editor", label: t("editor"), icon: Code },
    { id: "terminal", label: t("terminal"), icon: SquareTerminal },
  ];
  return (
    <nav
      aria-label={t("sheets")}
      className="flex shrink-0 border-t bg-canvas pb-[env(safe-area-inset-bottom)] typing:hidden md:hidden"
    >
      {sheets.map(({ id, label, icon: Icon }) => (
        <button
          key={id}
          type="button"
          aria-pressed={shown === id}
          onClick={() => reveal(id)}
          className={cn(
            "flex h-12 min-w-0 flex-1 flex-col items-center justify-center text-ink-2 text-xs",
            shown === id && "bg-selected text-accent-text",
          )}
        >
          <Icon className="size-[18px] shrink-0" strokeWidth={1.75} aria-hidden />
          <span className="max-w-full truncate px-0.5">{label}</span>
        </button>
      ))}
    </nav>
  );
}
