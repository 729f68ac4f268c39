import type { NodeJobCreate, Schedule, ScheduleCreate } from "@/api/types";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** What the dialog holds, as it is typed. */
export interface JobForm {
  command: string;
  target: "nodes" | "labels";
  nodes: string[];
  /** One `key=value` a line. */
  labels: string;
  cwd: string;
  /** Minutes. */
  timeout: string;
  /** Hours. */
  ttl: string;
  concurrency: string;
  retries: string;
  priority: string;
  name: string;
  cron: string;
  timeZone: string;
  runMissed: boolean;
  allowOverlap: boolean;
}

/** What stands in it at first. */
export function emptyForm(timeZone: string): JobForm {
  return {
    command: "",
    target: "nodes",
    nodes: [],
    labels: "",
    cwd: "",
    timeout: "60",
    ttl: "24",
    concurrency: "",
    retries: "0",
    priority: "0",
    name: "",
    cron: "0 3 * * *",
    timeZone,
    runMissed: false,
    allowOverlap: false,
  };
}

/** What stands in it for a schedule that is to change. */
export function formOf(schedule: Schedule): JobForm {
  const { job } = schedule;
  const text = (value: number | null | undefined) => (value == null ? "" : String(value));
  const labels = Object.entries(job.labels).map(([key, value]) => `${key}=${value}`);
  return {
    command: job.command,
    target: labels.length > 0 ? "labels" : "nodes",
    nodes: job.nodes,
    labels: labels.join("\n"),
    cwd: job.cwd ?? "",
    timeout: text(job.timeout_ms == null ? null : job.timeout_ms / MINUTE_MS),
    ttl: text(job.ttl_ms == null ? null : job.ttl_ms / HOUR_MS),
    concurrency: text(job.concurrency),
    retries: text(job.retries),
    priority: text(job.priority),
    name: schedule.name,
    cron: schedule.cron,
    timeZone: schedule.time_zone,
    runMissed: schedule.missed === "run_once",
    allowOverlap: schedule.overlap === "allow",
  };
}

/** The labels of a text: `key=value` or `key`, one a line. */
export function labelsOf(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim());
  const pairs = lines
    .filter((line) => line !== "")
    .map((line) => {
      const at = line.indexOf("=");
      return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    });
  return Object.fromEntries(pairs);
}

/** The request for a job. Numbers that are none are left to the server's defaults. */
export function jobOf(form: JobForm): NodeJobCreate {
  const number = (text: string) => {
    const value = Number(text);
    return text.trim() === "" || !Number.isFinite(value) ? undefined : value;
  };
  const whole = (text: string) => Math.trunc(number(text) ?? 0);
  const ms = (text: string, unit: number) => {
    const value = number(text);
    return value === undefined ? undefined : Math.round(value * unit);
  };
  const [timeout, ttl] = [ms(form.timeout, MINUTE_MS), ms(form.ttl, HOUR_MS)];
  const concurrency = number(form.concurrency);
  return {
    command: form.command,
    ...(form.target === "nodes" ? { nodes: form.nodes } : { labels: labelsOf(form.labels) }),
    ...(form.cwd.trim() === "" ? {} : { cwd: form.cwd.trim() }),
    ...(timeout === undefined ? {} : { timeout_ms: timeout }),
    ...(ttl === undefined ? {} : { ttl_ms: ttl }),
    ...(concurrency === undefined ? {} : { concurrency: Math.trunc(concurrency) }),
    retries: whole(form.retries),
    priority: whole(form.priority),
  };
}

/** The request for a schedule. */
export function scheduleOf(form: JobForm): ScheduleCreate {
  return {
    name: form.name,
    cron: form.cron.trim(),
    time_zone: form.timeZone,
    missed: form.runMissed ? "run_once" : "skip",
    overlap: form.allowOverlap ? "allow" : "skip",
    job: jobOf(form),
  };
}
