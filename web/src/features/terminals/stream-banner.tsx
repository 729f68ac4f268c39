/** What a terminal's connection says when it has something to say. */
import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import type { StreamState } from "./stream";

export function StreamBanner({
  stream,
  onRetry,
}: {
  stream: StreamState | undefined;
  onRetry: () => void;
}) {
  const { t } = useTranslation("workbench");
  const reconnecting = stream?.connection.kind === "reconnecting";
  const pending = stream?.pendingBytes ?? 0;
  const message = stream?.inputRefused
    ? t(reconnecting ? "terminal.inputRefusedOffline" : "terminal.inputRefused")
    : stream?.error;
  if (!reconnecting && !message && pending === 0) return null;
  return (
    <output
      aria-live="polite"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-warn-soft px-3 py-1 text-warn"
    >
      {reconnecting ? (
        <span className="flex items-center gap-1.5">
          <LoaderCircle className="size-4 animate-spin" aria-hidden />
          {t("terminal.reconnecting")}
          <Button size="sm" variant="link" onClick={onRetry}>
            {t("terminal.retryNow")}
          </Button>
        </span>
      ) : null}
      {pending > 0 ? <span>{t("terminal.pending", { count: pending })}</span> : null}
      {message ? <span>{message}</span> : null}
    </output>
  );
}
