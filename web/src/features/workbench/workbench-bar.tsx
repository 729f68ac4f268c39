/** The workspace's name, the way back, and the panel toggles, in the shell's top bar. */
import { Link } from "@tanstack/react-router";
import { ChevronLeft, EllipsisVertical, PanelBottom, PanelLeft, PanelRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { TopBar } from "@/components/shell/top-bar";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuTrigger } from "@/components/ui/menu";
import type { WorkspaceActions } from "./actions";
import { useLayout } from "./layout";

interface WorkbenchBarProps {
  workspace: Workspace | undefined;
  actions: WorkspaceActions;
  /** Whether this person may work in it. */
  permitted: boolean;
}

export function WorkbenchBar({ workspace, actions, permitted }: WorkbenchBarProps) {
  const { t } = useTranslation(["workbench", "layout"]);
  const layout = useLayout();
  const running = permitted && workspace?.state === "running";
  return (
    <TopBar
      place={
        <div className="flex min-w-0 items-center gap-1">
          <Link
            to="/"
            aria-label={t("workspace.back")}
            className="-ms-1 flex size-7 pointer-coarse:size-10 shrink-0 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
          >
            <ChevronLeft className="flip-rtl size-4" aria-hidden />
          </Link>
          <h1 dir="auto" className="truncate font-medium">
            {workspace?.name}
          </h1>
        </div>
      }
      actions={
        running ? (
          <>
            <span className="hidden items-center md:flex">
              <IconButton
                label={t("toggleSide", { ns: "layout" })}
                aria-pressed={layout.sideOpen}
                onClick={() => layout.set({ sideOpen: !layout.sideOpen })}
              >
                <PanelLeft className="flip-rtl" />
              </IconButton>
              <IconButton
                label={t("toggleTerminal", { ns: "layout" })}
                aria-pressed={layout.terminalOpen}
                onClick={() => layout.set({ terminalOpen: !layout.terminalOpen })}
              >
                {layout.terminalPosition === "right" ? (
                  <PanelRight className="flip-rtl" />
                ) : (
                  <PanelBottom />
                )}
              </IconButton>
            </span>
            <Menu>
              <MenuTrigger asChild>
                <IconButton label={t("workspace.more")}>
                  <EllipsisVertical />
                </IconButton>
              </MenuTrigger>
              <MenuContent align="end">
                <MenuItem onSelect={actions.restart}>{t("workspace.restart")}</MenuItem>
                <MenuItem onSelect={actions.stop}>{t("workspace.stop")}</MenuItem>
              </MenuContent>
            </Menu>
          </>
        ) : null
      }
    />
  );
}
