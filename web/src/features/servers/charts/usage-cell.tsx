import { Cpu, HardDrive, type LucideIcon, MemoryStick } from "lucide-react";
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
      <Meter name={t("usage.cpu")} icon={Cpu} share={usage.cpu_millis} />
      <Meter
        name={t("usage.memory")}
        icon={MemoryStick}
        share={share(usage.memory_used_bytes, usage.memory_total_bytes)}
      />
      {disk === undefined ? null : (
        <Meter name={t("usage.disk", { path: usage.disk?.path })} icon={HardDrive} share={disk} />
      )}
    </span>
  );
}

interface MeterProps {
  name: string;
  /** On a phone, where no heading says what is what. */
  icon: LucideIcon;
  share: number;
}

function Meter({ name, icon: Icon, share }: MeterProps) {
  const full = share >= NEARLY_FULL;
  const text = formatValue(Math.round(share / 10) * 10, "share", currentLocale());
  return (
    <span className="inline-flex w-11 flex-col gap-0.5" title={`${name}: ${text}`}>
      <span className={full ? "text-warn" : "text-ink-2"}>
        <span className="sr-only">{name} </span>
        <Icon className="me-1 inline size-3 md:hidden" aria-hidden />
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
