import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { useWorkspaceList } from "@/api/workspaces";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { StateBadge } from "@/components/workspace/state-badge";

/** The workspaces that live on a server. */
export function ServerWorkspaces({ node }: { node: Node }) {
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
          <li key={workspace.id} className="flex items-center gap-3 py-2">
            <Link
              to="/workspaces/$workspaceId"
              params={{ workspaceId: workspace.id }}
              className="min-w-0 truncate rounded-sm font-medium hover:underline"
            >
              <bdi>{workspace.name}</bdi>
            </Link>
            <bdi className="min-w-0 flex-1 truncate text-ink-3 text-xs">{workspace.owner_name}</bdi>
            <StateBadge state={workspace.state} />
          </li>
        ))}
      </ul>
      <LoadMore list={list} />
    </div>
  );
}
