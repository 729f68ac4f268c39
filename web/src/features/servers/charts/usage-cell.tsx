import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { currentLocale } from "@/lib/i18n";
import { formatValue } from "./units";

/** From here on something is nearly full, in thousandths. */
const NEARLY_FULL = 900;

/** What a server uses, in three short figures: CPU, memory, and its fullest disk. */
export function UsageCell({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const { usage } = node;
  if (!usage || node.state === "offline") return null;
  const share = (used: number, total: number) => (total > 0 ? (used * 1000) / total : 0);
  const disk = usage.disk ? share(usage.disk.used_bytes, usage.disk.total_bytes) : undefined;
  return (
    <span className="flex items-center gap-2.5 text-xs">
      <Meter name={t("usage.cpu")} share={usage.cpu_millis} />
      <Meter
        name={t("usage.memory")}
        share={share(usage.memory_used_bytes, usage.memory_total_bytes)}
      />
      {disk === undefined ? null : (
        <Meter name={t("usage.disk", { path: usage.disk?.path })} share={disk} />
      )}
    </span>
  );
}

function Meter({ name, share }: { name: string; share: number }) {
  const full = share >= NEARLY_FULL;
  const text = formatValue(Math.round(share / 10) * 10, "share", currentLocale());
  return (
    <span className="inline-flex w-11 flex-col gap-0.5" title={`${name}: ${text}`}>
      <span className={full ? "text-warn" : "text-ink-2"}>
        <span className="sr-only">{name} </span>
        <bdi dir="ltr">{text}</bdi>
      </span>
      <span aria-hidden className="h-0.5 overflow-hidden rounded-sm bg-hover">
        <span
          className={`block h-full ${full ? "bg-warn" : "bg-accent"}`}
          style={{ width: `${Math.min(100, share / 10)}%` }}
        />
      </span>
    </span>
  );
}
