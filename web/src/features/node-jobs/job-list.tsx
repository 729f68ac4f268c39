import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { NodeJob } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { JobState, totalOf } from "./job-state";
import type { useJobs } from "./queries";

interface JobListProps {
  list: ReturnType<typeof useJobs>;
  /** What is said where there is none. */
  none: string;
}

/** Jobs, newest first, with how far each is. */
export function JobList({ list, none }: JobListProps) {
  const { t } = useTranslation("jobs");
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={8} />;
  if (list.isError && list.jobs.length === 0) {
    return (
      <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
    );
  }
  if (list.jobs.length === 0) return <p className="py-6 text-ink-2">{none}</p>;
  return (
    <>
      <ul aria-label={t("list.label")} className="divide-y border-y">
        {list.jobs.map((job) => (
          <JobRow key={job.id} job={job} />
        ))}
      </ul>
      <LoadMore list={list} />
    </>
  );
}

function JobRow({ job }: { job: NodeJob }) {
  const { t } = useTranslation("jobs");
  const total = totalOf(job);
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 py-2 sm:grid-cols-[minmax(0,1fr)_10rem_7rem_7rem]">
      <Link
        to="/jobs/$jobId"
        params={{ jobId: job.id }}
        dir="ltr"
        className="min-w-0 truncate rounded-sm font-mono text-xs hover:underline rtl:text-right"
      >
        {firstLine(job.command)}
      </Link>
      <JobState state={job.state} />
      <span className="text-ink-2 text-xs tabular-nums">
        {total === 1
          ? t("list.oneServer")
          : t("list.progress", { done: job.counts.succeeded, total })}
      </span>
      <span className="truncate text-end text-ink-3 text-xs">
        <TimeAgo at={job.created_at} />
      </span>
    </li>
  );
}

/** A script by its first line that says something. */
export function firstLine(command: string): string {
  const lines = command.split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !/^(?:#|set -)/.test(line)) ?? command;
}
