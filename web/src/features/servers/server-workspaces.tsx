import { Link } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { useWorkspaceList } from "@/api/workspaces";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons } from "@/components/page";
import { StateBadge } from "@/components/workspace/state-badge";

/** The workspaces that live on a server. */
export function ServerWorkspaces({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const list = useWorkspaceList(node.organization_id);
  const { hasNextPage, isFetching, fetchNextPage } = list;
  // The list knows no filter by server: all pages are read, then sorted out here.
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const here = list.workspaces.filter(({ node_id }) => node_id === node.id);
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={2} />;
  if (list.isError && here.length === 0) {
    return <ErrorState error={list.error} onRetry={() => list.refetch()} />;
  }
  if (here.length === 0) return <p className="text-ink-2">{t("workspaces.none")}</p>;
  return (
    <ul className="divide-y border-y">
      {here.map((workspace) => (
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
  );
}
