import { Link } from "@tanstack/react-router";
import {
  ArrowDown,
  ArrowUp,
  CircleCheck,
  CircleX,
  GitBranch,
  type LucideIcon,
  Pencil,
  TriangleAlert,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Repository } from "@/api/types";
import { TimeAgo } from "@/components/time-ago";
import { Button, buttonClass } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { shownPath } from "@/lib/shown-path";
import { usePull } from "./use-pull";

interface Props {
  organization: string;
  repository: Repository;
  onClone: () => void;
}

export function RepositoryRow({ organization, repository, onClone }: Props) {
  const { t } = useTranslation("repositories");
  const { found, workspace_name: workspace, running } = repository;
  const pull = usePull(organization, repository);
  const name = found.path === "" ? t("root") : shownPath(found.path);
  const stopped = running ? undefined : t("stopped");
  const noPull = stopped ?? (found.upstream == null ? t("noUpstream") : undefined);
  const noClone = found.remote == null ? t("noRemote") : undefined;
  const id = `${repository.workspace_id}/${found.path}`;
  useCommands("repositories", [
    {
      id: `repository.pull.${id}`,
      title: t("pullNamed", { name, workspace }),
      disabledReason: noPull,
      run: pull.run,
    },
    {
      id: `repository.clone.${id}`,
      title: t("cloneNamed", { name }),
      disabledReason: noClone,
      run: onClone,
    },
  ]);
  const cell = "py-2 pe-3 align-top max-md:block max-md:py-0.5";
  const side = "hidden whitespace-nowrap py-2 pe-3 align-top text-ink-2 lg:table-cell";
  return (
    <tr className="border-b max-md:block max-md:py-2">
      <td className={`${cell} min-w-0`}>
        <p className="break-all font-medium">
          <bdi dir="ltr">{name}</bdi>
        </p>
        <p className="break-all text-ink-2 text-xs">
          <bdi>{workspace}</bdi> · <bdi>{repository.node_name}</bdi>
          <span className="lg:hidden">
            {" · "}
            {t("table.looked")} <TimeAgo at={repository.looked_at} />
          </span>
        </p>
        {found.remote == null ? null : (
          <p className="break-all text-ink-3 text-xs">
            <bdi dir="ltr">{found.remote}</bdi>
          </p>
        )}
      </td>
      <td className={cell}>
        <Branch repository={repository} />
      </td>
      <td className={cell}>
        <State repository={repository} />
      </td>
      <td className={`${cell} max-w-xs`}>
        {found.last_commit == null ? (
          <span className="text-ink-3">{t("noCommit")}</span>
        ) : (
          <>
            <p className="truncate" title={found.last_commit.subject}>
              <bdi>{found.last_commit.subject}</bdi>
            </p>
            <p className="text-ink-2 text-xs">
              <bdi>{found.last_commit.author}</bdi> · <TimeAgo at={found.last_commit.at} />
            </p>
          </>
        )}
      </td>
      <td className={`${side} tabular-nums`}>
        {found.size_bytes == null ? "" : formatBytes(found.size_bytes, currentLocale())}
      </td>
      <td className={side}>
        <TimeAgo at={repository.looked_at} />
      </td>
      <td className={`${cell} whitespace-nowrap`}>
        <div className="flex gap-1 md:justify-end">
          <Link
            to="/workspaces/$workspaceId"
            params={{ workspaceId: repository.workspace_id }}
            className={buttonClass({ size: "sm" })}
            aria-label={t("openNamed", { name, workspace })}
          >
            {t("open")}
          </Link>
          <Button
            size="sm"
            onClick={pull.run}
            pending={pull.pending}
            disabledReason={noPull}
            aria-label={t("pullNamed", { name, workspace })}
          >
            {t("pull.action")}
          </Button>
          <Button
            size="sm"
            onClick={onClone}
            disabledReason={noClone}
            aria-label={t("cloneNamed", { name })}
          >
            {t("clone.short")}
          </Button>
        </div>
      </td>
    </tr>
  );
}

function Branch({ repository: { found } }: { repository: Repository }) {
  const { t } = useTranslation("repositories");
  const { ahead = 0, behind = 0 } = found;
  return (
    <span className="inline-flex flex-wrap items-center gap-x-1.5">
      <GitBranch className="size-3.5 text-ink-3" aria-hidden />
      <bdi className="break-all">{found.branch ?? t("detached")}</bdi>
      {ahead > 0 ? (
        <Count icon={ArrowUp} count={ahead} label={t("ahead", { count: ahead })} />
      ) : null}
      {behind > 0 ? (
        <Count icon={ArrowDown} count={behind} label={t("behind", { count: behind })} />
      ) : null}
    </span>
  );
}

/** How far a branch is from its upstream, one way. */
function Count({ icon: Icon, count, label }: { icon: LucideIcon; count: number; label: string }) {
  return (
    <span className="inline-flex items-center text-ink-2 text-xs" title={label}>
      <Icon className="size-3" aria-hidden />
      {count}
      <span className="sr-only">{label}</span>
    </span>
  );
}

function State({ repository: { found } }: { repository: Repository }) {
  const { t } = useTranslation("repositories");
  const { changed = 0, conflicts = 0 } = found;
  const icon = "me-1 inline size-3.5";
  if (found.problem != null) {
    return (
      <span className="text-bad" title={found.problem}>
        <CircleX className={icon} aria-hidden />
        {t("state.broken")}
        <span className="sr-only">{found.problem}</span>
      </span>
    );
  }
  if (conflicts > 0 || found.operation != null) {
    return (
      <span className="text-warn">
        <TriangleAlert className={icon} aria-hidden />
        {found.operation == null ? "" : t(`state.${found.operation}`)}{" "}
        {conflicts > 0 ? t("state.conflicts", { count: conflicts }) : ""}
      </span>
    );
  }
  if (changed > 0) {
    return (
      <span className="text-ink-2">
        <Pencil className={icon} aria-hidden />
        {t("state.changed", { count: changed })}
      </span>
    );
  }
  return (
    <span className="text-ok">
      <CircleCheck className={icon} aria-hidden />
      {t("state.clean")}
    </span>
  );
}
