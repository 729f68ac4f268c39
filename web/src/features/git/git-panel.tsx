/** Git: a view of the side panel. */

import { useQueryClient } from "@tanstack/react-query";
import { GitCommitVertical, History, RefreshCw, TerminalSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import type { MergeView } from "@/lib/merge-view";
import { ChangeList } from "./change-list";
import { useGitCommands } from "./commands";
import { CommitBox } from "./commit-box";
import { GitDialogs } from "./git-dialogs";
import { MoreMenu } from "./more-menu";
import { OperationBanner } from "./operation-banner";
import { refreshGit } from "./queries";
import type { GitSession } from "./session";
import { SshView } from "./ssh/ssh-view";
import { SyncBar } from "./sync-bar";
import type { GitStatus } from "./types";
import { useGitActions } from "./use-git";

interface GitPanelProps {
  workspace: string;
  session: GitSession;
  /** The repositories of the workspace that are known. */
  statuses: readonly GitStatus[];
  /** Opens a file, by its path below the workspace's root. */
  onOpen: (path: string) => void;
  /** Brings the panel to sight, for commands that need it. */
  onReveal: () => void;
  /** Where texts are merged: the editor's. */
  mergeView: MergeView;
}

export function GitPanel(props: GitPanelProps) {
  const { workspace, session, statuses, onOpen, onReveal, mergeView } = props;
  const { t } = useTranslation("git");
  const client = useQueryClient();
  const chosen = useStore(session, (state) => state.repository);
  const status = statuses.find(({ root }) => root === chosen) ?? statuses[0];
  const actions = useGitActions(workspace, status?.root ?? "", session);
  useGitCommands({ session, actions, status, onReveal });
  return (
    <section aria-label={t("panel")} className="flex h-full min-h-0 flex-col bg-canvas">
      <div className="flex h-9 shrink-0 items-center border-b ps-3 pe-1">
        <h2 className="min-w-0 flex-1 truncate font-medium text-ink-2">{t("panel")}</h2>
        <IconButton label={t("refresh")} onClick={() => void refreshGit(client)}>
          <RefreshCw />
        </IconButton>
        <IconButton
          label={t("log.open")}
          disabledReason={status ? undefined : t("noRepository")}
          onClick={() => session.setState({ view: { kind: "log" } })}
        >
          <History />
        </IconButton>
        <IconButton
          label={t("runs.open")}
          onClick={() => session.setState({ view: { kind: "runs" } })}
        >
          <TerminalSquare />
        </IconButton>
        <MoreMenu session={session} disabledReason={status ? undefined : t("noRepository")} />
      </div>
      <SshView workspace={workspace} session={session} />
      {status ? (
        <>
          {statuses.length > 1 ? (
            <Select
              aria-label={t("repository")}
              className="m-2 mb-0"
              value={status.root}
              onChange={(event) => session.setState({ repository: event.target.value })}
            >
              {statuses.map(({ root }) => (
                <option key={root} value={root}>
                  {root === "" ? t("wholeWorkspace") : root}
                </option>
              ))}
            </Select>
          ) : null}
          <SyncBar status={status} session={session} actions={actions} />
          <OperationBanner status={status} session={session} actions={actions} />
          <CommitBox workspace={workspace} status={status} session={session} actions={actions} />
          <ChangeList key={status.root} status={status} session={session} actions={actions} />
          <GitDialogs
            workspace={workspace}
            status={status}
            session={session}
            actions={actions}
            onOpen={(file) => onOpen(status.root === "" ? file : `${status.root}/${file}`)}
            mergeView={mergeView}
          />
        </>
      ) : (
        <p className="flex items-start gap-2 p-3 text-ink-3 text-sm">
          <GitCommitVertical className="mt-0.5 size-4 shrink-0" aria-hidden />
          {t("noRepositoryHint")}
        </p>
      )}
    </section>
  );
}
