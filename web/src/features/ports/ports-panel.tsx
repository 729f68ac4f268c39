/** What the workspace listens on: seen, named, shared, opened. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { PortRow } from "./port-row";
import { portList } from "./queries";
import type { PortActions } from "./use-ports";

interface PortsPanelProps {
  workspace: string;
  actions: PortActions;
}

export function PortsPanel({ workspace, actions }: PortsPanelProps) {
  const { t } = useTranslation("ports");
  const list = useQuery(portList(workspace));
  const ports = list.data?.items ?? [];
  return (
    <section aria-label={t("panel")} className="flex h-full flex-col overflow-y-auto bg-surface">
      <h2 className="px-3 pt-2.5 pb-1.5 font-medium text-ink-2 text-xs">{t("panel")}</h2>
      {list.isError ? (
        <ErrorState
          error={list.error}
          onRetry={() => void list.refetch()}
          retrying={list.isFetching}
        />
      ) : null}
      {list.isPending ? <Skeleton /> : null}
      {list.isSuccess && ports.length === 0 ? (
        <p className="px-3 py-2 text-ink-3 text-sm">{t("emptyHint")}</p>
      ) : null}
      <ul className="divide-y border-b">
        {ports.map((port) => (
          <PortRow key={port.port} workspace={workspace} port={port} actions={actions} />
        ))}
      </ul>
    </section>
  );
}

function Skeleton() {
  return (
    <div aria-hidden className="flex flex-col gap-2 px-3 py-2">
      <div className="h-4 w-2/3 animate-pulse rounded bg-hover" />
      <div className="h-4 w-1/2 animate-pulse rounded bg-hover" />
    </div>
  );
}
