/** The page's own actions in the command palette. */
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { type Command, useCommands } from "@/lib/commands";
import type { WorkspaceActions } from "./actions";
import { useLayout } from "./layout";

export function useWorkbenchCommands(
  workspace: Workspace | undefined,
  actions: WorkspaceActions,
  permitted: boolean,
): void {
  const { t } = useTranslation("workbench");
  const layout = useLayout();
  const view = t("section.view");
  const section = t("section.workspace");
  const state = workspace?.state;
  const running = state === "running";
  const notRunning = running ? undefined : t("workspace.isNotRunning");
  const toggleTerminal = () =>
    layout.set({ terminalOpen: !layout.terminalOpen, terminalMaximized: false });
  const commands: Command[] = [
    {
      id: "layout.tree",
      title: t("layout.toggleTree"),
      section: view,
      shortcut: "Mod+B",
      disabledReason: notRunning,
      run: () => layout.set({ treeOpen: !layout.treeOpen }),
    },
    {
      id: "layout.terminal",
      title: t("layout.toggleTerminal"),
      section: view,
      shortcut: "Mod+J",
      disabledReason: notRunning,
      run: toggleTerminal,
    },
    {
      // The palette hides what begins with "palette."; this is a second key, not a second action.
      id: "palette.layout.terminal",
      title: t("layout.toggleTerminal"),
      section: view,
      shortcut: "Mod+`",
      disabledReason: notRunning,
      run: toggleTerminal,
    },
    {
      id: "layout.maximizeTerminal",
      title: t(layout.terminalMaximized ? "terminal.restore" : "terminal.maximize"),
      section: view,
      disabledReason: notRunning,
      run: () => layout.set({ terminalOpen: true, terminalMaximized: !layout.terminalMaximized }),
    },
    {
      id: "workspace.start",
      title: t(state === "failed" ? "workspace.retry" : "workspace.start"),
      section,
      disabledReason:
        state === "stopped" || state === "failed" ? undefined : t("workspace.cannotStart"),
      run: actions.start,
    },
    {
      id: "workspace.stop",
      title: t("workspace.stop"),
      section,
      disabledReason: notRunning,
      run: actions.stop,
    },
    {
      id: "workspace.restart",
      title: t("workspace.restart"),
      section,
      disabledReason: notRunning,
      run: actions.restart,
    },
    {
      id: "workspace.cancel",
      title: t("workspace.cancel"),
      section,
      disabledReason: state === "starting" ? undefined : t("workspace.isNotStarting"),
      run: actions.cancel,
    },
  ];
  // What the role does not permit is not offered; the page says why.
  useCommands(permitted ? commands : []);
}
