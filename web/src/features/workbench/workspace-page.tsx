/** The page of one workspace: its state decides whether the panels or an explanation stand there. */
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Role, Workspace } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { canManage } from "@/lib/permissions";
import { useVisit } from "@/lib/recent";
import { useAccount, useRoleIn } from "@/lib/session";
import { useWorkspaceActions, type WorkspaceActions } from "./actions";
import { useWorkbenchCommands } from "./commands";
import { useLayout } from "./layout";
import { NoAccess } from "./no-access";
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
  const account = useAccount();
  const role = useRoleIn(workspace?.organization_id);
  const permitted = workspace !== undefined && canManage(workspace, account, role);
  const { zen } = useLayout();
  useVisit(workspaceId);
  useWorkbenchCommands(workspace, actions, permitted);
  return (
    <div className="flex h-(--viewport-height,100dvh) flex-col">
      {workspace ? <title>{`${workspace.name} · Atelier`}</title> : null}
      {zen && workspace?.state === "running" ? (
        <header className="sr-only">
          <h1>{workspace.name}</h1>
        </header>
      ) : (
        <WorkbenchBar workspace={workspace} actions={actions} permitted={permitted} />
      )}
      {workspace ? (
        <Body workspace={workspace} actions={actions} permitted={permitted} role={role}>
          {children}
        </Body>
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

interface BodyProps {
  workspace: Workspace;
  actions: WorkspaceActions;
  permitted: boolean;
  role: Role;
  children: WorkspacePageProps["children"];
}

function Body({ workspace, actions, permitted, role, children }: BodyProps) {
  if (workspace.state !== "running") {
    return (
      <NotRunning workspace={workspace} actions={permitted ? actions : undefined} role={role} />
    );
  }
  return permitted ? children(workspace) : <NoAccess workspace={workspace} role={role} />;
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
