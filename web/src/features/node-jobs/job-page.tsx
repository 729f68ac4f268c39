import { Link, useNavigate } from "@tanstack/react-router";
import { RotateCcw, Square } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { NodeJob } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { Page, RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { useJobActions } from "./actions";
import { ApprovalPanel } from "./approval-panel";
import { firstLine } from "./job-list";
import { isOpen, JobState, totalOf } from "./job-state";
import { useJob } from "./queries";
import { RunList } from "./run-list";

/** One job: what is run, how it stands on each server, and what it prints there. */
export function JobPage({ jobId }: { jobId: string }) {
  const { t } = useTranslation("jobs");
  const view = useJob(jobId);
  const job = view.data;
  if (!job) {
    return (
      <Page title={t("place.jobs", { ns: "common" })}>
        {view.isError ? (
          <ErrorState
            error={view.error}
            onRetry={() => void view.refetch()}
            retrying={view.isFetching}
          />
        ) : (
          <RowSkeletons label={t("loading")} rows={6} />
        )}
      </Page>
    );
  }
  return (
    <div className="mx-auto max-w-5xl p-4 sm:p-6">
      <title>{`${firstLine(job.command)} · Atelier`}</title>
      <Header job={job} />
      <pre
        dir="ltr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: so that the keyboard can scroll it.
        tabIndex={0}
        className="mb-4 max-h-64 overflow-auto whitespace-pre-wrap break-words rounded-md border bg-canvas p-3 text-start font-mono text-xs leading-5"
      >
        {job.command}
      </pre>
      {job.state === "awaiting_approval" ? <ApprovalPanel job={job} /> : null}
      <Facts job={job} />
      <RunList job={job} />
    </div>
  );
}

function Header({ job }: { job: NodeJob }) {
  const { t } = useTranslation("jobs");
  const navigate = useNavigate();
  const actions = useJobActions(
    job,
    (made) => void navigate({ to: "/jobs/$jobId", params: { jobId: made.id } }),
  );
  const open = isOpen(job);
  const left = totalOf(job) - job.counts.succeeded;
  const cancel = { id: "job.cancel", title: t("job.cancel"), run: actions.cancel.run };
  const title = t("job.retry", { count: left });
  const retry = { id: "job.retry", title, run: actions.retry.run };
  useCommands("jobs", open ? [cancel] : left > 0 ? [retry] : []);
  return (
    <header className="mb-3 flex flex-wrap items-start justify-between gap-3">
      <div className="min-w-0">
        <Link to="/jobs" className="rounded-sm text-ink-3 text-xs hover:underline">
          {t("place.jobs", { ns: "common" })}
        </Link>
        <h1 className="flex flex-wrap items-center gap-x-3 font-semibold text-xl">
          {t("job.title", { name: job.created_by_name })}
          <JobState state={job.state} />
        </h1>
      </div>
      <div className="flex gap-2">
        {open ? (
          <Button pending={actions.cancel.pending} onClick={actions.cancel.run}>
            <Square aria-hidden />
            {t("job.cancel")}
          </Button>
        ) : left > 0 ? (
          <Button pending={actions.retry.pending} onClick={actions.retry.run}>
            <RotateCcw aria-hidden />
            {t("job.retry", { count: left })}
          </Button>
        ) : null}
      </div>
    </header>
  );
}

function Facts({ job }: { job: NodeJob }) {
  const { t } = useTranslation("jobs");
  const facts = [
    ["made", <TimeAgo key="made" at={job.created_at} />],
    ["expires", job.counts.queued > 0 ? <TimeAgo key="expires" at={job.expires_at} /> : null],
    ["timeout", t("fact.minutes", { count: Math.max(1, Math.round(job.timeout_ms / 60_000)) })],
    ["concurrency", job.concurrency == null ? null : String(job.concurrency)],
    ["retries", job.retries > 0 ? String(job.retries) : null],
    ["priority", job.priority !== 0 ? String(job.priority) : null],
    ["cwd", job.cwd ?? null],
    ["decided", job.decided_by_name ?? null],
  ] as const;
  return (
    <dl className="mb-5 flex flex-wrap gap-x-6 gap-y-2 text-xs">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt className="text-ink-3">{t(`fact.${name}`)}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ),
      )}
      {job.schedule_id ? (
        <div>
          <dt className="text-ink-3">{t("fact.schedule")}</dt>
          <dd>
            <Link
              to="/jobs"
              search={{ schedule: job.schedule_id }}
              className="rounded-sm text-accent-text hover:underline"
            >
              {t("fact.scheduleJobs")}
            </Link>
          </dd>
        </div>
      ) : null}
    </dl>
  );
}
