/** The panels' actions in the command palette. */
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "@/lib/commands";
import { focusPanel, stepPanel } from "./focus";
import { useLayout } from "./layout";
import type { SideView } from "./side-views";

/** Only a page whose panels are shown registers them. */
export function useLayoutCommands(views: readonly SideView[]): void {
  const { t } = useTranslation(["layout", "workbench"]);
  const layout = useLayout();
  const { terminalOpen, terminalPosition, maximized } = layout;
  const show = (panel: string) => () => {
    layout.reveal(panel);
    focusPanel(panel === "editor" || panel === "terminal" ? panel : "side");
  };
  const toggleTerminal = () => {
    if (terminalOpen) {
      layout.set({ terminalOpen: false, maximized: "none" });
      focusPanel("editor");
    } else show("terminal")();
  };
  const maximize = (panel: "editor" | "terminal") => () =>
    layout.set({
      terminalOpen: terminalOpen || panel === "terminal",
      maximized: maximized === panel ? "none" : panel,
    });
  const commands: Command[] = [
    ...views.map(({ id, label, shortcut }) => ({
      id: `layout.view.${id}`,
      title: t("showView", { view: label }),
      ...(shortcut === undefined ? {} : { shortcut }),
      run: show(id),
    })),
    {
      id: "layout.side",
      title: t("toggleSide"),
      shortcut: "Mod+B",
      run: () => layout.set({ sideOpen: !layout.sideOpen, zen: false }),
    },
    {
      id: "layout.terminal",
      title: t("toggleTerminal"),
      shortcut: ["Mod+J", "Mod+`"],
      run: toggleTerminal,
    },
    { id: "layout.focusEditor", title: t("focusEditor"), run: show("editor") },
    { id: "layout.focusTerminal", title: t("focusTerminal"), run: show("terminal") },
    {
      id: "layout.nextPanel",
      title: t("nextPanel"),
      shortcut: "F6",
      run: () => stepPanel(1),
    },
    {
      id: "layout.previousPanel",
      title: t("previousPanel"),
      shortcut: "Shift+F6",
      run: () => stepPanel(-1),
    },
    {
      id: "layout.maximizeTerminal",
      title: t(maximized === "terminal" ? "restoreTerminal" : "maximizeTerminal"),
      run: maximize("terminal"),
    },
    {
      id: "layout.maximizeEditor",
      title: t(maximized === "editor" ? "restoreEditor" : "maximizeEditor"),
      run: maximize("editor"),
    },
    {
      id: "layout.terminalPosition",
      title: t(terminalPosition === "right" ? "terminalToBottom" : "terminalToSide"),
      run: () =>
        layout.set({ terminalPosition: terminalPosition === "right" ? "bottom" : "right" }),
    },
    {
      id: "layout.zen",
      title: t(layout.zen ? "leaveZen" : "enterZen"),
      shortcut: "Shift+F11",
      run: () => layout.set({ zen: !layout.zen }),
    },
  ];
  useCommands("view", commands);
}
