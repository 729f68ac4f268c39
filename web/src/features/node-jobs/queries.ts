import { keepPreviousData } from "@tanstack/react-query";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import type { NodeJob, NodeJobGroup, NodeRun, Schedule } from "@/api/types";

/** The most that one page gives. */
const PAGE_LIMIT = 200;

/** What a run waits for changes without an event: servers come, places become free. */
const WAITING_INTERVAL_MS = 5_000;

interface JobFilter {
  node?: string;
  schedule?: string;
  state?: NodeJobGroup;
}

/** An organization's jobs, newest first. */
export function useJobs(organization: string, filter: JobFilter) {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/node-jobs",
    { params: { path: { organization }, query: { limit: 50, ...filter } } },
    { ...PAGED, placeholderData: keepPreviousData },
  );
  return { ...query, jobs: itemsOf<NodeJob>(query.data) };
}

/** One job, live. */
export function useJob(job: string) {
  return $api.useQuery("get", "/api/v1/node-jobs/{node_job}", {
    params: { path: { node_job: job } },
  });
}

/** A job's runs; `open` while some have not ended. */
export function useRuns(job: string, open: boolean) {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/node-jobs/{node_job}/runs",
    { params: { path: { node_job: job }, query: { limit: PAGE_LIMIT } } },
    { ...PAGED, refetchInterval: open ? WAITING_INTERVAL_MS : false },
  );
  return { ...query, runs: itemsOf<NodeRun>(query.data) };
}

/** An organization's schedules, oldest first. */
export function useSchedules(organization: string) {
  const query = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/schedules",
    { params: { path: { organization }, query: { limit: PAGE_LIMIT } } },
    PAGED,
  );
  return { ...query, schedules: itemsOf<Schedule>(query.data) };
}

/** When an expression would be due next; not asked while it is empty. */
export function usePreview(cron: string, timeZone: string) {
  return $api.useQuery(
    "get",
    "/api/v1/schedule-preview",
    { params: { query: { cron, time_zone: timeZone } } },
    { enabled: cron !== "", retry: false, placeholderData: keepPreviousData },
  );
}
