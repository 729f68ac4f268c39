import { useQueryClient } from "@tanstack/react-query";
import { toast } from "sonner";
import { $api } from "@/api/client";
import type { NodeJob, Schedule } from "@/api/types";
import { useErrorText } from "@/lib/error-text";
import { jobNews } from "@/lib/job-sync";

/** What can be done to a job. */
export function useJobActions(job: NodeJob, onRetried: (made: NodeJob) => void = () => {}) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const init = { params: { path: { node_job: job.id } } };
  const options = {
    onSuccess: () => jobNews(client).job(job.id),
    onError: (error: unknown) => {
      jobNews(client).job(job.id);
      toast.error(errorText(error));
    },
  };
  const approve = $api.useMutation("post", "/api/v1/node-jobs/{node_job}/approve", options);
  const refuse = $api.useMutation("post", "/api/v1/node-jobs/{node_job}/refuse", options);
  const cancel = $api.useMutation("post", "/api/v1/node-jobs/{node_job}/cancel", options);
  const retry = $api.useMutation("post", "/api/v1/node-jobs/{node_job}/retry", {
    ...options,
    onSuccess: onRetried,
  });
  return {
    approve: { run: () => approve.mutate(init), pending: approve.isPending },
    refuse: { run: () => refuse.mutate(init), pending: refuse.isPending },
    cancel: { run: () => cancel.mutate(init), pending: cancel.isPending },
    retry: { run: () => retry.mutate(init), pending: retry.isPending },
  };
}

/** What can be done to a schedule. */
export function useScheduleActions(schedule: Schedule, onRun: (made: NodeJob) => void) {
  const client = useQueryClient();
  const errorText = useErrorText();
  const init = { params: { path: { schedule: schedule.id } } };
  const options = {
    onSuccess: () => jobNews(client).schedule(),
    onError: (error: unknown) => void toast.error(errorText(error)),
  };
  const update = $api.useMutation("patch", "/api/v1/schedules/{schedule}", options);
  const remove = $api.useMutation("delete", "/api/v1/schedules/{schedule}", options);
  const run = $api.useMutation("post", "/api/v1/schedules/{schedule}/run", {
    ...options,
    onSuccess: (made) => {
      jobNews(client).schedule();
      onRun(made);
    },
  });
  return {
    setEnabled: (enabled: boolean) => update.mutate({ ...init, body: { enabled } }),
    updating: update.isPending,
    remove: {
      run: (done: () => void) => remove.mutate(init, { onSuccess: done }),
      pending: remove.isPending,
    },
    run: { now: () => run.mutate(init), pending: run.isPending },
  };
}
