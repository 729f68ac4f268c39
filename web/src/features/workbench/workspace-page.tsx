/** The page of one workspace: its state decides whether the panels or an explanation stand there. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Workspace } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { useWorkspaceActions } from "./actions";
import { useWorkbenchCommands } from "./commands";
import { NotRunning } from "./not-running";
import { workspaceView } from "./queries";
import { WorkbenchBar } from "./workbench-bar";

interface WorkspacePageProps {
  workspaceId: string;
  /** The panels, for a workspace that runs. */
  children: (workspace: Workspace) => ReactNode;
}

export function WorkspacePage({ workspaceId, children }: WorkspacePageProps) {
  const view = useQuery(workspaceView(workspaceId));
  const workspace = view.data;
  const actions = useWorkspaceActions(workspaceId);
  useWorkbenchCommands(workspace, actions);
  return (
    <div className="flex h-dvh flex-col">
      {workspace ? <title>{`${workspace.name} · Atelier`}</title> : null}
      <WorkbenchBar workspace={workspace} actions={actions} />
      {workspace ? (
        workspace.state === "running" ? (
          children(workspace)
        ) : (
          <NotRunning workspace={workspace} actions={actions} />
        )
      ) : view.isError ? (
        <main className="mx-auto w-full max-w-lg p-6">
          <ErrorState
            error={view.error}
            onRetry={() => void view.refetch()}
            retrying={view.isFetching}
          />
        </main>
      ) : (
        <PanelSkeleton />
      )}
    </div>
  );
}

/** The shape of what is coming. */
function PanelSkeleton() {
  return (
    <div aria-hidden className="flex min-h-0 flex-1">
      <div className="flex w-64 flex-col gap-2 border-e p-3 max-md:w-full">
        {["w-2/3", "w-1/2", "w-3/5", "w-1/3"].map((width) => (
          <div key={width} className={`skeleton h-3 ${width}`} />
        ))}
      </div>
    </div>
  );
}
