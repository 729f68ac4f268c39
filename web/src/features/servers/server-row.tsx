import { Link } from "@tanstack/react-router";
import { TriangleAlert, Unplug } from "lucide-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { NodeState } from "@/components/node/node-state";
import { TimeAgo } from "@/components/time-ago";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { UsageCell } from "./charts/usage-cell";
import { LabelChips } from "./label-chips";
import { ServerMenu } from "./server-menu";
import { COLUMNS } from "./servers-table";

interface ServerRowProps {
  node: Node;
  index: number;
  /** Where it stands, and how high it is, in pixels. */
  start: number;
  size: number;
  onLabel: (label: string) => void;
}

/** One server: a line of the table on a desk, a small card on a phone. */
export const ServerRow = memo(function ServerRow(props: ServerRowProps) {
  const { t } = useTranslation("servers");
  const { node, index, start, size, onLabel } = props;
  const { info } = node;
  return (
    <tr
      data-index={index}
      aria-rowindex={index + 2}
      style={{ transform: `translateY(${start}px)`, height: size }}
      className={`absolute inset-x-0 top-0 grid grid-cols-[1fr_auto] items-center gap-x-3 gap-y-0.5 overflow-hidden border-b px-3 py-1.5 hover:bg-canvas max-md:content-center ${COLUMNS}`}
    >
      <Cell className="flex items-center gap-2">
        <Link
          to="/servers/$nodeId"
          params={{ nodeId: node.id }}
          // Its own direction, so that what is cut off is its end.
          dir="auto"
          className="min-w-0 truncate rounded-sm font-medium hover:underline"
        >
          {node.name}
        </Link>
        <Marks node={node} />
      </Cell>
      <Cell className="flex items-center max-md:row-start-2">
        <NodeState node={node} />
      </Cell>
      <Cell className="flex items-center max-md:col-start-2 max-md:row-start-2">
        <UsageCell node={node} />
      </Cell>
      <Cell className="max-h-6 overflow-hidden max-md:col-span-2 max-md:row-start-3">
        <LabelChips labels={node.labels} onPick={onLabel} />
      </Cell>
      <Cell className="truncate text-ink-2 max-2xl:hidden">
        <bdi>{info?.version}</bdi>
      </Cell>
      <Cell className="truncate text-ink-2 max-lg:hidden">
        {info ? (
          <bdi>
            {t("table.cpus", { count: info.cpus })} ·{" "}
            {formatBytes(info.memory_bytes, currentLocale())}
          </bdi>
        ) : null}
      </Cell>
      <Cell className="font-mono text-ink-2 text-xs max-xl:hidden">
        <bdi dir="ltr" className="block truncate rtl:text-right" title={node.address ?? undefined}>
          {node.address}
        </bdi>
      </Cell>
      <Cell className="truncate text-ink-3 text-xs max-lg:hidden">
        {node.state === "online" ? (
          t("table.now")
        ) : node.last_seen_at == null ? (
          t("table.never")
        ) : (
          <TimeAgo at={node.last_seen_at} />
        )}
      </Cell>
      <Cell className="max-md:col-start-2 max-md:row-start-1 max-md:justify-self-end">
        <ServerMenu node={node} />
      </Cell>
    </tr>
  );
});

function Cell({ className, children }: { className: string; children: ReactNode }) {
  return <td className={`min-w-0 ${className}`}>{children}</td>;
}

/** What is special about it, in a word each. */
function Marks({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  return (
    <>
      {node.local ? <span className="shrink-0 text-ink-3 text-xs">{t("mark.local")}</span> : null}
      {node.draining ? (
        <span
          title={t("mark.drainingDetail")}
          className="inline-flex shrink-0 items-center gap-1 text-warn text-xs"
        >
          <Unplug className="size-3.5" aria-hidden />
          {t("mark.draining")}
        </span>
      ) : null}
      {node.warning ? (
        <span title={node.warning} className="inline-flex shrink-0 text-warn">
          <TriangleAlert className="size-3.5" aria-hidden />
          <span className="sr-only">{node.warning}</span>
        </span>
      ) : null}
    </>
  );
}
