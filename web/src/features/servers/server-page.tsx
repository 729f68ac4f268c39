import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useNode } from "@/api/nodes";
import type { Node } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { NodeState } from "@/components/node/node-state";
import { OfflineNotice } from "@/components/node/offline-notice";
import { RowSkeletons } from "@/components/page";
import { Button } from "@/components/ui/button";
import { roleAtLeast, useRoleIn } from "@/lib/session";
import { useServerActions } from "./actions";
import { DEFAULT_RANGE } from "./charts/ranges";
import { LabelChips } from "./label-chips";
import { MachineFiles, MachineTerminals } from "./machine-parts";
import { ServerProcesses } from "./processes/server-processes";
import { ServerConnection } from "./server-connection";
import { ServerMenu } from "./server-menu";
import { ServerOverview } from "./server-overview";
import { ServerWorkspaces } from "./server-workspaces";
import { SERVER_TABS, type ServerSearch } from "./tabs";

interface ServerPageProps {
  nodeId: string;
  /** The machine's terminals, which the route brings. */
  terminals: ReactNode;
  /** Its machine's files, which the route brings. */
  files: (node: Node) => ReactNode;
  /** Its jobs, which the route brings. */
  jobs: ReactNode;
  /** What was done to it, which the route brings. */
  events: ReactNode;
}

/** One server: what it says of itself, what its owner permits, what runs on it, its machine and jobs. */
export function ServerPage({ nodeId, terminals, files, jobs, events }: ServerPageProps) {
  const { t } = useTranslation("servers");
  const view = useNode(nodeId);
  const node = view.data;
  const search = useSearch({ from: "/_app/servers/$nodeId" });
  const { tab = "overview", range, workspace } = search;
  if (!node) {
    return (
      <div className="mx-auto max-w-5xl p-4 sm:p-6">
        {view.isError ? (
          <ErrorState
            error={view.error}
            onRetry={() => void view.refetch()}
            retrying={view.isFetching}
          />
        ) : (
          <RowSkeletons label={t("loading")} rows={6} />
        )}
      </div>
    );
  }
  return (
    <div className="mx-auto flex h-full max-w-5xl flex-col p-4 sm:p-6">
      <title>{`${node.name} · Atelier`}</title>
      <Header node={node} />
      <Notices node={node} />
      <Tabs node={node} shown={tab} search={search} />
      {tab === "overview" ? (
        <ServerOverview node={node} range={range} />
      ) : tab === "jobs" ? (
        jobs
      ) : tab === "workspaces" ? (
        <ServerWorkspaces node={node} open={workspace} range={range ?? DEFAULT_RANGE} />
      ) : tab === "events" ? (
        <div>
          <ServerConnection node={node} />
          {events}
        </div>
      ) : tab === "processes" ? (
        <ServerProcesses node={node} />
      ) : tab === "files" ? (
        <MachineFiles node={node}>{files(node)}</MachineFiles>
      ) : (
        <MachineTerminals node={node}>{terminals}</MachineTerminals>
      )}
    </div>
  );
}

function Header({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const navigate = useNavigate();
  const { setDraining, draining } = useServerActions(node);
  const role = useRoleIn(node.organization_id);
  const forbidden = roleAtLeast(role, "admin") ? undefined : t("forbidden.role");
  return (
    <header className="mb-3 flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="flex flex-wrap items-center gap-x-3 gap-y-1 font-semibold text-xl">
          <bdi className="min-w-0 break-words">{node.name}</bdi>
          <NodeState node={node} />
          {node.local ? (
            <span className="font-normal text-ink-3 text-xs">{t("mark.local")}</span>
          ) : null}
        </h1>
        <div className="mt-1">
          <LabelChips
            labels={node.labels}
            onPick={(label) => void navigate({ to: "/servers", search: { label } })}
          />
        </div>
      </div>
      <div className="flex items-center gap-2">
        <Button
          onClick={() => setDraining(!node.draining)}
          pending={draining}
          disabledReason={forbidden}
        >
          {t(node.draining ? "menu.undrain" : "menu.drain")}
        </Button>
        <ServerMenu node={node} onRemoved={() => void navigate({ to: "/servers", search: {} })} />
      </div>
    </header>
  );
}

/** What a person has to know before anything else, in plain words. */
function Notices({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const notice = (text: string) => (
    <p className="flex items-start gap-2 bg-warn-soft px-3 py-2 text-ink">
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
      <bdi>{text}</bdi>
    </p>
  );
  return (
    <div className="mb-3 flex flex-col gap-2 empty:hidden [&>*]:rounded-md">
      {node.revoked ? notice(t("notice.revoked")) : null}
      {node.state === "offline" && !node.revoked ? <OfflineNotice node={node} /> : null}
      {node.state === "offline" && !node.revoked ? (
        <p className="text-ink-2">{t("notice.offlineHelp")}</p>
      ) : null}
      {node.warning ? notice(node.warning) : null}
      {node.draining ? notice(t("mark.drainingDetail")) : null}
    </div>
  );
}

interface TabsProps {
  node: Node;
  shown: (typeof SERVER_TABS)[number];
  /** What the address says of the shown one. */
  search: ServerSearch;
}

function Tabs({ node, shown, search }: TabsProps) {
  const { t } = useTranslation("servers");
  const list = useRef<HTMLElement>(null);
  // On a phone there is no room for all.
  useEffect(() => {
    const tab = list.current?.querySelector(`[data-tab="${shown}"]`);
    tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [shown]);
  return (
    <nav
      ref={list}
      aria-label={t("tabs.label")}
      className="mb-4 flex shrink-0 gap-4 overflow-x-auto border-b"
    >
      {SERVER_TABS.map((tab) => (
        <Link
          key={tab}
          data-tab={tab}
          to="/servers/$nodeId"
          params={{ nodeId: node.id }}
          search={tab === shown ? search : tab === "overview" ? {} : { tab }}
          activeOptions={{ exact: true }}
          className="shrink-0 border-transparent border-b-2 py-2 text-ink-2 hover:text-ink aria-[current]:border-accent aria-[current]:font-medium aria-[current]:text-ink"
        >
          {t(`tabs.${tab}`)}
        </Link>
      ))}
    </nav>
  );
}
