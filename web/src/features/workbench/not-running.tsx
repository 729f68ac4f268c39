/** In place of the panels while the workspace does not run: why, how far, and what can be done. */
import { Play, RotateCcw, Undo2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Role, Workspace } from "@/api/types";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { StateBadge } from "@/components/workspace/state-badge";
import { StepTimeline } from "@/components/workspace/step-timeline";
import type { WorkspaceActions } from "./actions";
import { useAccessText } from "./no-access";

interface NotRunningProps {
  workspace: Workspace;
  /** Absent where the person's role does not permit them. */
  actions: WorkspaceActions | undefined;
  role: Role;
}

export function NotRunning({ workspace, actions, role }: NotRunningProps) {
  const { t } = useTranslation("workbench");
  const accessText = useAccessText(workspace, role);
  const { state, state_reason: reason } = workspace;
  // Steps of a start long past say nothing of a workspace that a person has stopped.
  const showSteps = (state === "starting" || state === "failed") && workspace.steps.length > 0;
  // What stands above says what a failed step would say again.
  const steps = workspace.steps.map((step) =>
    state === "failed" && reason ? { ...step, detail: undefined } : step,
  );
  return (
    <main className="min-h-0 flex-1 overflow-y-auto bg-surface">
      <div className="mx-auto flex max-w-lg flex-col gap-4 p-6 pt-[10vh]">
        <div className="flex flex-wrap items-center gap-3">
          <h2 className="font-semibold text-xl">{t(`notRunning.title.${state}`)}</h2>
          <StateBadge state={state} />
        </div>
        <p className="text-base text-ink-2" dir={reason ? "auto" : undefined}>
          {reason ?? t(`notRunning.detail.${state}`)}
        </p>
        <p className="text-ink-3 text-xs">
          {t("notRunning.since")} <TimeAgo at={workspace.state_since} />
        </p>
        {showSteps ? (
          <div className="rounded-md border p-3">
            <StepTimeline steps={steps} />
          </div>
        ) : null}
        {actions ? (
          <div className="flex flex-wrap gap-2">
            <StateActions state={state} actions={actions} />
          </div>
        ) : (
          <p className="text-ink-2">{accessText}</p>
        )}
      </div>
    </main>
  );
}

function StateActions({
  state,
  actions,
}: {
  state: Workspace["state"];
  actions: WorkspaceActions;
}) {
  const { t } = useTranslation("workbench");
  switch (state) {
    case "stopped":
      return (
        <Button variant="primary" pending={actions.pending} onClick={actions.start}>
          <Play aria-hidden />
          {t("workspace.start")}
        </Button>
      );
    case "failed":
      return (
        <Button variant="primary" pending={actions.pending} onClick={actions.start}>
          <RotateCcw aria-hidden />
          {t("workspace.retry")}
        </Button>
      );
    case "starting":
      return (
        <Button pending={actions.pending} onClick={actions.cancel}>
          <X aria-hidden />
          {t("workspace.cancel")}
        </Button>
      );
    case "deleted":
      return (
        <Button variant="primary" pending={actions.pending} onClick={actions.restore}>
          <Undo2 aria-hidden />
          {t("workspace.restore")}
        </Button>
      );
    default:
      return null;
  }
}
