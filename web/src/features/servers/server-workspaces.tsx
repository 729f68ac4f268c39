import { Link, useNavigate } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { useWorkspaceList } from "@/api/workspaces";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { IconButton } from "@/components/ui/icon-button";
import { StateBadge } from "@/components/workspace/state-badge";
import { cn } from "@/lib/cn";
import type { Range } from "./charts/ranges";
import { WorkspaceCharts } from "./charts/workspace-charts";

interface ServerWorkspacesProps {
  node: Node;
  /** The one whose charts are open, as the address says. */
  open: string | undefined;
  range: Range;
}

/** The workspaces that live on a server, and what each of them uses. */
export function ServerWorkspaces({ node, open, range }: ServerWorkspacesProps) {
  const navigate = useNavigate();
  const toggle = (workspace: string) =>
    void navigate({
      to: "/servers/$nodeId",
      params: { nodeId: node.id },
      search: { tab: "workspaces", ...(workspace === open ? {} : { workspace }) },
      replace: true,
      resetScroll: false,
    });
  const { t } = useTranslation("servers");
  const list = useWorkspaceList(node.organization_id, false, node.id);
  const { workspaces } = list;
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={2} />;
  if (list.isError && workspaces.length === 0) {
    return <ErrorState error={list.error} onRetry={() => list.refetch()} />;
  }
  if (workspaces.length === 0) return <p className="text-ink-2">{t("workspaces.none")}</p>;
  return (
    <div className="pb-6">
      <ul className="divide-y border-y">
        {workspaces.map((workspace) => (
          <li key={workspace.id}>
            <div className="flex items-center gap-3 py-1">
              <IconButton
                label={t("workspaces.usage", { name: workspace.name })}
                aria-expanded={workspace.id === open}
                onClick={() => toggle(workspace.id)}
              >
                <ChevronRight
                  className={cn(
                    "transition-transform",
                    workspace.id === open ? "rotate-90" : "flip-rtl",
                  )}
                  aria-hidden
                />
              </IconButton>
              <Link
                to="/workspaces/$workspaceId"
                params={{ workspaceId: workspace.id }}
                className="min-w-0 truncate rounded-sm font-medium hover:underline"
              >
                <bdi>{workspace.name}</bdi>
              </Link>
              <bdi className="min-w-0 flex-1 truncate text-ink-3 text-xs">
                {workspace.owner_name}
              </bdi>
              <StateBadge state={workspace.state} />
            </div>
            {workspace.id === open ? <WorkspaceCharts workspace={workspace} range={range} /> : null}
          </li>
        ))}
      </ul>
      <LoadMore list={list} />
    </div>
  );
}
