/** The branch, and what goes to and fro. */
import { ArrowDown, ArrowUp, Download, GitBranch, RefreshCw, Square, Upload } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import type { GitSession } from "./session";
import type { GitStatus } from "./types";
import type { GitActions } from "./use-git";

interface SyncBarProps {
  status: GitStatus;
  session: GitSession;
  actions: GitActions;
}

export function SyncBar({ status, session, actions }: SyncBarProps) {
  const { t } = useTranslation("git");
  const running = useStore(session, (state) => state.running);
  const { ahead = 0, behind = 0 } = status;
  const branch = status.branch ?? status.commit?.slice(0, 8) ?? t("noCommit");
  const busy = running ? t("long.busy") : undefined;
  const detached = status.branch ? undefined : t("detached");
  const push = () => void actions.long("push", status.upstream ? {} : { set_upstream: true });
  return (
    <>
      <div className="flex shrink-0 items-center gap-0.5 px-2 pt-2">
        <Button
          size="sm"
          variant="ghost"
          className="min-w-0 flex-1 justify-start"
          aria-label={t("branches.switchFrom", { name: branch })}
          onClick={() => session.setState({ view: { kind: "branches" } })}
        >
          <GitBranch aria-hidden />
          <bdi className="truncate">{branch}</bdi>
          {ahead > 0 ? (
            <span className="flex items-center text-ink-3">
              <ArrowUp className="size-3" aria-hidden />
              {ahead}
            </span>
          ) : null}
          {behind > 0 ? (
            <span className="flex items-center text-ink-3">
              <ArrowDown className="size-3" aria-hidden />
              {behind}
            </span>
          ) : null}
        </Button>
        <IconButton
          label={t("fetch")}
          disabledReason={busy}
          onClick={() => void actions.long("fetch", { prune: true })}
        >
          <RefreshCw />
        </IconButton>
        <IconButton
          label={t("pull")}
          disabledReason={busy ?? (status.upstream ? undefined : t("noUpstream"))}
          onClick={() => void actions.long("pull", ahead > 0 && behind > 0 ? { rebase: true } : {})}
        >
          <Download />
        </IconButton>
        <IconButton
          label={status.upstream ? t("push") : t("publish")}
          disabledReason={busy ?? detached}
          onClick={push}
        >
          <Upload />
        </IconButton>
      </div>
      {running ? (
        <div role="status" className="flex items-center gap-2 px-3 py-1 text-ink-2 text-xs">
          <span className="min-w-0 flex-1 truncate">
            {t(`long.running.${running.operation}`)}
            {running.percent === undefined ? "" : ` · ${running.percent}%`}
          </span>
          <progress
            aria-label={t(`long.running.${running.operation}`)}
            className="h-1 w-20"
            max={100}
            {...(running.percent === undefined ? {} : { value: running.percent })}
          />
          <IconButton label={t("long.stop")} onClick={running.stop}>
            <Square />
          </IconButton>
        </div>
      ) : null}
    </>
  );
}
