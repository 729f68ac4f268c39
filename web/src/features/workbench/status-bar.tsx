/** The line below everything: state, branch, use, cursor, connection. */
import { useQuery } from "@tanstack/react-query";
import { Cpu, MemoryStick } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { StateBadge } from "@/components/workspace/state-badge";
import { useConnection } from "@/lib/events";
import { currentLocale } from "@/lib/i18n";
import { numberFormat } from "@/lib/intl";
import { useLayout } from "./layout";
import { Protections } from "./protections";
import { workspaceStatus } from "./queries";

interface StatusBarProps {
  workspace: Workspace;
  /** The line to its server, where that is another machine. */
  server: ReactNode;
  /** The branch, beside the state. */
  branch: ReactNode;
  /** The editor's part, at the end. */
  editor: ReactNode;
}

export function StatusBar({ workspace, server, branch, editor }: StatusBarProps) {
  const { t } = useTranslation("workbench");
  const { zen } = useLayout();
  if (zen) return null;
  return (
    <section
      data-panel="status"
      aria-label={t("status.label")}
      className="flex h-6 pointer-coarse:h-10 shrink-0 items-center typing:hidden overflow-hidden border-t bg-canvas px-1 text-ink-2 text-xs [&>*]:shrink-0"
    >
      <span className="flex items-center px-1.5">
        <StateBadge state={workspace.state} />
      </span>
      {server}
      {branch}
      <UsageStatus workspace={workspace.id} />
      <span className="flex-1" />
      {editor}
      <Connection />
    </section>
  );
}

function UsageStatus({ workspace }: { workspace: string }) {
  const { t } = useTranslation("workbench");
  const { data } = useQuery(workspaceStatus(workspace));
  if (!data) return null;
  const { usage, protections } = data;
  const cpuLimit = usage?.cpu_limit_millis;
  const memoryLimit = usage?.memory_limit_bytes;
  return (
    <>
      {usage ? (
        <>
          <span
            className="flex items-center gap-1 px-1.5"
            title={
              cpuLimit == null
                ? t("status.cpuTitle")
                : t("status.cpuLimit", { limit: cpus(cpuLimit) })
            }
          >
            <Cpu className="size-3.5" aria-hidden />
            <span className="sr-only">{t("status.cpu")}</span>
            <bdi className="min-w-8 text-end">{percent(usage.cpu_millis / 1000)}</bdi>
          </span>
          <span
            className="flex items-center gap-1 px-1.5 max-md:hidden"
            title={
              memoryLimit == null
                ? t("status.memoryTitle")
                : t("status.memoryLimit", { limit: mebibytes(memoryLimit) })
            }
          >
            <MemoryStick className="size-3.5" aria-hidden />
            <span className="sr-only">{t("status.memory")}</span>
            <bdi>
              {mebibytes(usage.memory_bytes)}
              {memoryLimit == null ? null : (
                <span className="text-ink-3"> / {mebibytes(memoryLimit)}</span>
              )}
            </bdi>
          </span>
        </>
      ) : null}
      {protections.length > 0 ? <Protections protections={protections} /> : null}
    </>
  );
}

function percent(fraction: number): string {
  const format = numberFormat(currentLocale(), {
    style: "percent",
    maximumFractionDigits: 0,
  });
  return format.format(fraction);
}

function cpus(millis: number): string {
  return numberFormat(currentLocale(), { maximumFractionDigits: 1 }).format(millis / 1000);
}

const MEBIBYTE = 1024 * 1024;

/** Bytes as MiB or GiB: the units that limits are given in. */
function mebibytes(bytes: number): string {
  const gibibytes = bytes >= 1024 * MEBIBYTE;
  const value = bytes / MEBIBYTE / (gibibytes ? 1024 : 1);
  const number = numberFormat(currentLocale(), {
    maximumFractionDigits: gibibytes ? 1 : 0,
  }).format(value);
  return `${number} ${gibibytes ? "GiB" : "MiB"}`;
}

/** Whether the page hears of changes; details and "Retry now" stand in the top bar. */
function Connection() {
  const { t } = useTranslation("workbench");
  const phase = useConnection((state) => state.connection.phase);
  const online = phase === "open";
  const word = t(online ? "status.connected" : "status.disconnected");
  return (
    <span className="flex items-center gap-1 px-1.5" title={word}>
      <span
        aria-hidden
        className={online ? "size-2 rounded-full bg-ok" : "size-2 rounded-full border border-warn"}
      />
      <span className={online ? "sr-only" : "text-warn"}>{word}</span>
    </span>
  );
}
