/** The branch in the status bar: how far from its upstream, and how much has changed. */
import { ArrowDown, ArrowUp, GitBranch } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Tooltip } from "@/components/ui/tooltip";
import { repositoryOf } from "./gitDecorations";
import type { GitStatus } from "./queries";

/** How much of a commit's id names it for people. */
const SHORT_COMMIT = 8;

interface GitBranchStatusProps {
  statuses: readonly GitStatus[];
  /** The repository of this file is shown. */
  path: string | undefined;
}

export function GitBranchStatus({ statuses, path }: GitBranchStatusProps) {
  const { t } = useTranslation("workbench");
  const status = repositoryOf(statuses, path);
  if (!status) return null;
  const { ahead = 0, behind = 0 } = status;
  const name = status.branch ?? status.commit?.slice(0, SHORT_COMMIT) ?? t("git.noCommit");
  const changes = t("git.changes", { count: status.files.length });
  const details = [
    status.branch ? t("git.onBranch", { name }) : t("git.detached", { name }),
    status.upstream
      ? t("git.upstream", { name: status.upstream, ahead, behind })
      : t("git.noUpstream"),
    changes,
  ];
  return (
    <Tooltip content={details.join(" · ")}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its tooltip must be reachable by keyboard. */}
      <span tabIndex={0} className="flex min-w-0 items-center gap-1 px-1.5">
        <GitBranch className="size-3.5 shrink-0" aria-hidden />
        <bdi className="truncate">{name}</bdi>
        {status.files.length > 0 ? (
          <span role="img" aria-label={changes} className="text-warn">
            ●{status.files.length}
          </span>
        ) : null}
        {ahead > 0 ? (
          <span className="flex items-center">
            <ArrowUp className="size-3" aria-hidden />
            {ahead}
          </span>
        ) : null}
        {behind > 0 ? (
          <span className="flex items-center">
            <ArrowDown className="size-3" aria-hidden />
            {behind}
          </span>
        ) : null}
      </span>
    </Tooltip>
  );
}
