/** How far a long move or copy is, below the tree. */
import { X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { useTransfer } from "./transfer";

export function TransferStrip({ host }: { host: string }) {
  const { t } = useTranslation("files");
  const running = useTransfer((state) => state.running);
  // What takes no time needs no words.
  if (running?.host !== host || running.entries === 0) return null;
  const bytes = formatBytes(running.bytes, currentLocale());
  return (
    <section
      aria-label={t("transfer.region")}
      className="flex shrink-0 items-center gap-2 border-t bg-canvas p-2"
    >
      <span role="status" className="min-w-0 flex-1 truncate tabular-nums">
        {t(`transfer.${running.kind}`, { count: running.entries, bytes })}
      </span>
      <IconButton label={t("transfer.cancel")} onClick={running.cancel}>
        <X />
      </IconButton>
    </section>
  );
}
