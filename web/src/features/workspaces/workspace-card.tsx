import { Link, useNavigate } from "@tanstack/react-router";
import {
  Ellipsis,
  GitBranch,
  LayoutTemplate,
  Pencil,
  Play,
  RotateCw,
  Square,
  Trash2,
  Undo2,
} from "lucide-react";
import { lazy, Suspense, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { ServerPlace } from "@/components/node/remote-server";
import { TimeAgo } from "@/components/time-ago";
import { Button, buttonClass } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuContent, MenuItem, MenuSeparator, MenuTrigger } from "@/components/ui/menu";
import { StateBadge } from "@/components/workspace/state-badge";
import { StepTimeline } from "@/components/workspace/step-timeline";
import { useCommands } from "@/lib/commands";
import { canManage } from "@/lib/permissions";
import { useAccount, useMembership } from "@/lib/session";
import { useWorkspaceActions } from "./actions";
import { sourceText } from "./filter";

const RenameDialog = lazy(async () => ({
  default: (await import("./rename-dialog")).RenameDialog,
}));

type Actions = ReturnType<typeof useWorkspaceActions>;

interface PartProps {
  workspace: Workspace;
  actions: Actions;
  /** Why this person may not change the workspace. */
  forbidden: string | undefined;
}

/** One workspace: what it is, how it stands, and what can be done. */
export function WorkspaceCard({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation("workspaces");
  const heading = useId();
  const account = useAccount();
  const { role } = useMembership();
  const actions = useWorkspaceActions(workspace);
  const [renaming, setRenaming] = useState(false);
  const forbidden = canManage(workspace, account, role) ? undefined : t("forbidden.manage");
  const part = { workspace, actions, forbidden };
  useCardCommands(part, () => setRenaming(true));
  return (
    <article
      aria-labelledby={heading}
      className="flex min-w-0 flex-col gap-2 rounded-md border p-3 transition-colors hover:border-line-strong"
    >
      <header className="flex items-center justify-between gap-2">
        <h2 id={heading} dir="auto" className="min-w-0 truncate font-semibold text-base">
          {workspace.name}
        </h2>
        <StateBadge state={workspace.state} />
      </header>
      <Facts workspace={workspace} />
      <StateDetail workspace={workspace} />
      <footer className="mt-auto flex items-center gap-2 pt-1">
        <MainActions {...part} />
        <span className="flex-1" />
        {workspace.state === "deleted" ? null : (
          <MoreMenu {...part} onRename={() => setRenaming(true)} />
        )}
      </footer>
      <Suspense>
        {renaming ? (
          <RenameDialog workspace={workspace} onClose={() => setRenaming(false)} />
        ) : null}
      </Suspense>
    </article>
  );
}

function Facts({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation("workspaces");
  const { source } = workspace;
  const Icon = source.kind === "git" ? GitBranch : LayoutTemplate;
  const reference = source.kind === "git" ? source.reference : undefined;
  return (
    <div className="text-ink-2 text-xs">
      <p className="flex items-center gap-1.5" title={t(`source.${source.kind}`)}>
        <Icon className="size-3.5 shrink-0 text-ink-3" aria-hidden />
        <span className="sr-only">{t(`source.${source.kind}`)}</span>
        <bdi dir="ltr" className="min-w-0 truncate font-mono">
          {sourceText(source)}
          {reference ? `@${reference}` : ""}
        </bdi>
      </p>
      <p className="mt-1 truncate text-ink-3">
        <bdi title={t("fact.owner")}>{workspace.owner_name}</bdi>
        {" · "}
        <ServerPlace workspace={workspace} />
        {" · "}
        <span className="sr-only">{t("fact.since")} </span>
        <TimeAgo at={workspace.state_since} />
      </p>
    </div>
  );
}

/** The timeline while it starts or after it failed, and why it is as it is. */
function StateDetail({ workspace }: { workspace: Workspace }) {
  const { state, state_reason: reason, steps } = workspace;
  const failed = state === "failed";
  // A failed step says the same as the reason, which says more.
  const shown = steps.map((step) => (failed && reason ? { ...step, detail: undefined } : step));
  return (
    <>
      {reason ? (
        <p role={failed ? "alert" : undefined} className={failed ? "text-bad" : "text-ink-2"}>
          <bdi>{reason}</bdi>
        </p>
      ) : null}
      {(state === "starting" || failed) && steps.length > 0 ? <StepTimeline steps={shown} /> : null}
    </>
  );
}

function OpenLink({ workspace, primary }: { workspace: Workspace; primary: boolean }) {
  const { t } = useTranslation("workspaces");
  return (
    <Link
      to="/workspaces/$workspaceId"
      params={{ workspaceId: workspace.id }}
      aria-label={t("command.open", { name: workspace.name })}
      className={buttonClass({ variant: primary ? "primary" : "secondary" })}
    >
      {t("action.open")}
    </Link>
  );
}

function MainActions({ workspace, actions, forbidden }: PartProps) {
  const { t } = useTranslation("workspaces");
  const button = (verb: "start" | "stop" | "cancel" | "restore" | "retry", run: () => void) => {
    const icons = { start: Play, stop: Square, cancel: Square, restore: Undo2, retry: RotateCw };
    const Icon = icons[verb];
    return (
      <Button
        variant={verb === "start" || verb === "retry" ? "primary" : "secondary"}
        pending={actions.pending !== undefined}
        disabledReason={forbidden}
        aria-label={t(`command.${verb}`, { name: workspace.name })}
        onClick={run}
      >
        <Icon className={Icon === Square ? "scale-75 fill-current" : undefined} aria-hidden />
        {t(`action.${verb}`)}
      </Button>
    );
  };
  switch (workspace.state) {
    case "running":
      return (
        <>
          <OpenLink workspace={workspace} primary />
          {button("stop", actions.stop)}
        </>
      );
    case "starting":
      return button("cancel", actions.cancel);
    case "stopped":
      return button("start", actions.start);
    case "failed":
      return button("retry", actions.start);
    case "deleted":
      return button("restore", actions.restore);
    case "stopping":
      return null;
  }
}

function MoreMenu({
  workspace,
  actions,
  forbidden,
  onRename,
}: PartProps & { onRename: () => void }) {
  const { t } = useTranslation("workspaces");
  const running = workspace.state === "running";
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("card.more", { name: workspace.name })}>
          <Ellipsis />
        </IconButton>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuItem
          onSelect={actions.restart}
          disabledReason={forbidden ?? (running ? undefined : t("forbidden.notRunning"))}
        >
          <RotateCw aria-hidden />
          {t("action.restart")}
        </MenuItem>
        <MenuItem onSelect={onRename} disabledReason={forbidden}>
          <Pencil aria-hidden />
          {t("action.rename", { ns: "common" })}
        </MenuItem>
        <MenuSeparator />
        <MenuItem danger onSelect={actions.remove} disabledReason={forbidden}>
          <Trash2 aria-hidden />
          {t("action.delete", { ns: "common" })}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}

/** The same actions for the palette, by the workspace's name. */
function useCardCommands({ workspace, actions, forbidden }: PartProps, onRename: () => void): void {
  const { t } = useTranslation("workspaces");
  const navigate = useNavigate();
  const { id, name, state } = workspace;
  const open = () => void navigate({ to: "/workspaces/$workspaceId", params: { workspaceId: id } });
  const offered = {
    open: [state !== "deleted", open],
    start: [state === "stopped", actions.start],
    retry: [state === "failed", actions.start],
    stop: [state === "running", actions.stop],
    restart: [state === "running", actions.restart],
    cancel: [state === "starting", actions.cancel],
    rename: [state !== "deleted", onRename],
    delete: [state !== "deleted", actions.remove],
    restore: [state === "deleted", actions.restore],
  } as const;
  useCommands(
    "workspaces",
    Object.entries(offered)
      .filter(([, [applies]]) => applies)
      .map(([verb, [, run]]) => ({
        id: `workspace.${verb}.${id}`,
        title: t(`command.${verb as keyof typeof offered}`, { name }),
        disabledReason: verb === "open" ? undefined : forbidden,
        run,
      })),
  );
}
