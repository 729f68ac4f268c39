import { Minimize2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { useLayout } from "./layout";

/** The pointer's way out of zen mode, in a corner. */
export function ZenExit() {
  const { t } = useTranslation("layout");
  const { set } = useLayout();
  return (
    <span className="fixed end-3 bottom-3 z-20 max-md:bottom-24 rounded-md border bg-raised opacity-70 focus-within:opacity-100 hover:opacity-100">
      <IconButton label={t("leaveZen")} onClick={() => set({ zen: false })}>
        <Minimize2 />
      </IconButton>
    </span>
  );
}
