import { CircleDot, CircleOff, KeyRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { cn } from "@/lib/cn";
import { currentLocale } from "@/lib/i18n";
import { formatLatency } from "@/lib/latency";

/** Whether a server can be reached, as an icon and a word, with the measured latency. */
export function NodeState({ node, className }: { node: Node; className?: string }) {
  const { t } = useTranslation();
  const online = node.state === "online";
  const Icon = node.revoked ? KeyRound : online ? CircleDot : CircleOff;
  const word = node.revoked ? t("node.revoked") : t(`node.${node.state}`);
  return (
    <span
      className={cn(
        "inline-flex shrink-0 items-center gap-1 font-medium text-xs",
        online && !node.revoked ? "text-ok" : "text-bad",
        className,
      )}
    >
      <Icon className="size-3.5 shrink-0" aria-hidden />
      {word}
      {online && node.round_trip_us != null ? (
        <span className="font-normal text-ink-2" title={t("node.latency")}>
          <span className="sr-only">{t("node.latency")} </span>
          <bdi>{formatLatency(node.round_trip_us, currentLocale())}</bdi>
        </span>
      ) : null}
    </span>
  );
}
