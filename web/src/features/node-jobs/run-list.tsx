import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeJob, NodeRun } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { isOpen, JobState } from "./job-state";
import { useRuns } from "./queries";
import { RunOutput } from "./run-output";

/** A job's runs, one for each server; each opens to what it prints. */
export function RunList({ job }: { job: NodeJob }) {
  const { t } = useTranslation("jobs");
  const list = useRuns(job.id, isOpen(job));
  const { runs } = list;
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={3} />;
  if (list.isError && runs.length === 0) {
    return (
      <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
    );
  }
  if (runs.length === 0) return <p className="text-ink-2">{t("run.none")}</p>;
  return (
    <section aria-label={t("run.label")}>
      <ul className="divide-y border-y">
        {runs.map((run) => (
          <Run key={run.id} run={run} initiallyOpen={runs.length === 1} />
        ))}
      </ul>
      <LoadMore list={list} />
    </section>
  );
}

function Run({ run, initiallyOpen }: { run: NodeRun; initiallyOpen: boolean }) {
  const { t } = useTranslation("jobs");
  const [open, setOpen] = useState(initiallyOpen);
  const output = useId();
  return (
    <li className="py-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button
          variant="ghost"
          size="icon-sm"
          aria-label={t("run.output", { server: run.node_name })}
          aria-expanded={open}
          aria-controls={output}
          onClick={() => setOpen(!open)}
        >
          <ChevronRight
            className={cn("transition-transform", open ? "rotate-90" : "flip-rtl")}
            aria-hidden
          />
        </Button>
        <Link
          to="/servers/$nodeId"
          params={{ nodeId: run.node_id }}
          className="min-w-0 truncate rounded-sm font-medium hover:underline"
        >
          <bdi>{run.node_name}</bdi>
        </Link>
        <JobState state={run.state} />
        {run.attempt > 1 ? (
          <span className="text-ink-3 text-xs">{t("run.attempt", { attempt: run.attempt })}</span>
        ) : null}
        <span className="ms-auto text-ink-3 text-xs">
          {run.finished_at ? (
            <TimeAgo at={run.finished_at} />
          ) : run.started_at ? (
            <TimeAgo at={run.started_at} />
          ) : null}
        </span>
      </div>
      {run.reason ? (
        <p className="ps-10 text-ink-2 text-xs">
          <bdi>{run.reason}</bdi>
        </p>
      ) : null}
      <div id={output} hidden={!open} className="pt-2 sm:ps-10">
        {open ? <RunOutput run={run} /> : null}
      </div>
    </li>
  );
}
