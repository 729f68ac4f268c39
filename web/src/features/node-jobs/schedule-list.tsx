import { Link, useNavigate } from "@tanstack/react-router";
import { CalendarClock, CirclePause, Pause, Pencil, Play, Plus, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schedule } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useCommands } from "@/lib/commands";
import { useScheduleActions } from "./actions";
import { useCronText } from "./cron-text";
import { firstLine } from "./job-list";
import { NextRuns } from "./next-runs";
import { useSchedules } from "./queries";

const JobDialog = lazy(async () => ({ default: (await import("./job-dialog")).JobDialog }));

interface ScheduleListProps {
  organization: string;
  onAdd: () => void;
}

/** All schedules, each with its times in words and the next ones. */
export function ScheduleList({ organization, onAdd }: ScheduleListProps) {
  const { t } = useTranslation("jobs");
  const list = useSchedules(organization);
  const { schedules } = list;
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={4} />;
  if (list.isError && schedules.length === 0) {
    return (
      <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
    );
  }
  if (schedules.length === 0) {
    return (
      <section className="my-6 flex max-w-xl flex-col items-start gap-3">
        <p className="text-ink-2">{t("schedule.none")}</p>
        <Button onClick={onAdd}>
          <Plus aria-hidden />
          {t("add.schedule")}
        </Button>
      </section>
    );
  }
  return (
    <>
      <ul aria-label={t("tabs.schedules")} className="divide-y border-y">
        {schedules.map((schedule) => (
          <ScheduleRow key={schedule.id} schedule={schedule} />
        ))}
      </ul>
      <LoadMore list={list} />
    </>
  );
}

function ScheduleRow({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation("jobs");
  const words = useCronText(schedule.cron);
  const next = schedule.next_runs[0];
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 py-3">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="flex flex-wrap items-center gap-x-3 font-medium">
          <bdi className="min-w-0 break-words">{schedule.name}</bdi>
          {schedule.enabled ? (
            <span className="inline-flex items-center gap-1 text-ok text-xs">
              <CalendarClock className="size-3.5" aria-hidden />
              {next === undefined ? t("schedule.noMore") : <TimeAgo at={next} />}
            </span>
          ) : (
            <span className="inline-flex items-center gap-1 text-ink-3 text-xs">
              <CirclePause className="size-3.5" aria-hidden />
              {t("schedule.paused")}
            </span>
          )}
        </h2>
        <p>
          <bdi>{words ?? schedule.cron}</bdi>{" "}
          <span className="text-ink-3 text-xs">
            <bdi>{schedule.time_zone}</bdi> ·{" "}
            <bdi dir="ltr" className="font-mono">
              {schedule.cron}
            </bdi>
          </span>
        </p>
        <p dir="ltr" className="truncate font-mono text-ink-2 text-xs rtl:text-right">
          {firstLine(schedule.job.command)}
        </p>
        {schedule.last_at ? (
          <p className="text-ink-2 text-xs">
            {t("schedule.last")} <TimeAgo at={schedule.last_at} />:{" "}
            <bdi>{schedule.last_outcome}</bdi>
          </p>
        ) : null}
        <NextRuns times={schedule.next_runs} timeZone={schedule.time_zone} folded />
      </div>
      <Controls schedule={schedule} />
    </li>
  );
}

function Controls({ schedule }: { schedule: Schedule }) {
  const { t } = useTranslation("jobs");
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);
  const { name } = schedule;
  const actions = useScheduleActions(
    schedule,
    (made) => void navigate({ to: "/jobs/$jobId", params: { jobId: made.id } }),
  );
  const change = t(schedule.enabled ? "schedule.pause" : "schedule.resume");
  const setEnabled = () => actions.setEnabled(!schedule.enabled);
  const command = (verb: string, title: string, run: () => void) => ({
    id: `schedule.${verb}.${schedule.id}`,
    title,
    run,
  });
  useCommands("schedules", [
    command("run", `${t("schedule.run")}: ${name}`, actions.run.now),
    command("enabled", `${change}: ${name}`, setEnabled),
    command("edit", t("schedule.editOf", { name }), () => setEditing(true)),
    command("delete", t("schedule.deleteOf", { name }), () => setAsking(true)),
  ]);
  return (
    <div className="flex items-center gap-1">
      <Link
        to="/jobs"
        search={{ schedule: schedule.id }}
        className="rounded-sm px-2 text-accent-text text-xs hover:underline"
      >
        {t("schedule.jobs")} <span className="sr-only">{name}</span>
      </Link>
      <Button size="sm" pending={actions.run.pending} onClick={actions.run.now}>
        <Play aria-hidden />
        {t("schedule.run")} <span className="sr-only">{name}</span>
      </Button>
      <Button size="sm" pending={actions.updating} onClick={setEnabled}>
        {schedule.enabled ? <Pause aria-hidden /> : <Play aria-hidden />}
        {change} <span className="sr-only">{name}</span>
      </Button>
      <IconButton label={t("schedule.editOf", { name })} onClick={() => setEditing(true)}>
        <Pencil />
      </IconButton>
      <Suspense>
        {editing ? (
          <JobDialog
            organization={schedule.organization_id}
            scheduled
            schedule={schedule}
            onClose={() => setEditing(false)}
          />
        ) : null}
      </Suspense>
      <IconButton label={t("schedule.deleteOf", { name })} onClick={() => setAsking(true)}>
        <Trash2 />
      </IconButton>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("schedule.deleteTitle", { name })}
        description={t("schedule.deleteDetail")}
        action={t("action.delete", { ns: "common" })}
        pending={actions.remove.pending}
        onConfirm={() => actions.remove.run(() => setAsking(false))}
      />
    </div>
  );
}
