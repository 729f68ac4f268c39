import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons } from "@/components/page";
import { cn } from "@/lib/cn";
import { useRolloutNodes } from "./use-rollouts";

const COLORS: Record<string, string> = { succeeded: "text-ok", failed: "text-bad" };

/** How far each server of a rollout is, and why. */
export function RolloutNodes({ rollout }: { rollout: string }) {
  const { t } = useTranslation("servers");
  const list = useRolloutNodes(rollout);
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={2} />;
  if (list.isError) {
    return (
      <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
    );
  }
  return (
    <ul className="max-h-56 divide-y overflow-y-auto border-t">
      {list.data.items.map((run) => (
        <li key={run.id} className="flex flex-wrap items-baseline gap-x-3 px-3 py-1.5">
          <Link
            to="/servers/$nodeId"
            params={{ nodeId: run.node_id }}
            dir="auto"
            className="min-w-28 rounded-sm font-medium hover:underline"
          >
            {run.node_name}
          </Link>
          <span className="text-ink-3 text-xs">
            {run.stage === 0 ? t("rollout.canary") : t("rollout.stage", { stage: run.stage })}
          </span>
          <span className={cn("text-ink-2", COLORS[run.state])}>
            {t(`rollout.node.${run.state}`)}
          </span>
          {run.reason ? (
            <span className="basis-full text-ink-2 text-xs" dir="auto">
              {run.reason}
            </span>
          ) : null}
        </li>
      ))}
      {list.data.next_cursor ? (
        <li className="px-3 py-1.5 text-ink-3 text-xs">{t("rollout.more")}</li>
      ) : null}
    </ul>
  );
}
