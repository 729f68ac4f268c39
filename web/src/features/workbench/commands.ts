/** The page's own actions in the command palette. */
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { type Command, useCommands } from "@/lib/commands";
import type { WorkspaceActions } from "./actions";

export function useWorkbenchCommands(
  workspace: Workspace | undefined,
  actions: WorkspaceActions,
  permitted: boolean,
): void {
  const { t } = useTranslation("workbench");
  const state = workspace?.state;
  const running = state === "running";
  const notRunning = running ? undefined : t("workspace.isNotRunning");
  const commands: Command[] = [
    {
      id: "workspace.start",
      title: t(state === "failed" ? "workspace.retry" : "workspace.start"),
      disabledReason:
        state === "stopped" || state === "failed" ? undefined : t("workspace.cannotStart"),
      run: actions.start,
    },
    {
      id: "workspace.stop",
      title: t("workspace.stop"),
      disabledReason: notRunning,
      run: actions.stop,
    },
    {
      id: "workspace.restart",
      title: t("workspace.restart"),
      disabledReason: notRunning,
      run: actions.restart,
    },
    {
      id: "workspace.cancel",
      title: t("workspace.cancel"),
      disabledReason: state === "starting" ? undefined : t("workspace.isNotStarting"),
      run: actions.cancel,
    },
  ];
  // What the role does not permit is not offered; the page says why.
  useCommands("workspace", permitted ? commands : []);
}
