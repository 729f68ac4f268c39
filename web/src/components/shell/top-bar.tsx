import { Search } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { openPalette, useShortcut } from "@/lib/commands";
import { Kbd } from "../ui/kbd";
import { ConnectionIndicator } from "./connection-state";
import { PersonMenu } from "./person-menu";

/** Place, switcher, connection and person. 40 px high, the most that chrome may take. */
export function TopBar({ place, actions }: { place: ReactNode; actions?: ReactNode }) {
  const { t } = useTranslation();
  const keys = useShortcut("palette.open");
  return (
    <header className="flex h-10 pointer-coarse:h-11 shrink-0 items-center gap-3 border-b bg-canvas px-3">
      <div className="flex min-w-0 flex-1 items-center gap-2">{place}</div>
      <button
        type="button"
        onClick={openPalette}
        className="flex h-7 pointer-coarse:h-10 pointer-coarse:min-w-10 items-center justify-center whitespace-nowrap gap-2 rounded-md border border-line-strong bg-surface px-2 text-ink-3 text-xs hover:bg-hover sm:w-72 sm:justify-between"
      >
        <span className="flex items-center gap-2">
          <Search className="size-3.5" aria-hidden />
          <span className="sr-only sm:not-sr-only">{t("palette.placeholder")}</span>
        </span>
        <span className="hidden sm:inline">{keys ? <Kbd shortcut={keys} /> : null}</span>
      </button>
      <div className="flex flex-1 items-center justify-end gap-3">
        <ConnectionIndicator />
        {actions}
        <PersonMenu />
      </div>
    </header>
  );
}
