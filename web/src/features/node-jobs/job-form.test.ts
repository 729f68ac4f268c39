import { expect, test } from "vitest";
import { emptyForm, formOf, jobOf, labelsOf, scheduleOf } from "./job-form";

const form = { ...emptyForm("Europe/Berlin"), command: "uptime", nodes: ["node_1"] };

test("a form is the request that it shows", () => {
  expect(jobOf(form)).toEqual({
    command: "uptime",
    nodes: ["node_1"],
    timeout_ms: 3_600_000,
    ttl_ms: 86_400_000,
    retries: 0,
    priority: 0,
  });
  const rolling = {
    ...form,
    target: "labels" as const,
    labels: "region=eu\n\ngpu",
    concurrency: "2",
    cwd: " /srv ",
    timeout: "0.5",
    ttl: "",
  };
  expect(jobOf(rolling)).toEqual({
    command: "uptime",
    labels: { region: "eu", gpu: "" },
    cwd: "/srv",
    timeout_ms: 30_000,
    concurrency: 2,
    retries: 0,
    priority: 0,
  });
});

test("labels are read a line each", () => {
  expect(labelsOf(" a = b=c \n")).toEqual({ a: "b=c" });
});

test("a schedule that is opened and saved stays as it is", () => {
  const job = {
    nodes: [],
    labels: { region: "eu", gpu: "" },
    command: "uptime",
    env: ["KEY"],
    timeout_ms: 30_000,
    ttl_ms: 7_200_000,
    priority: 3,
    concurrency: 2,
    retries: 1,
  };
  const schedule = {
    id: "sched_1",
    organization_id: "org_1",
    name: "nightly",
    cron: "@daily",
    time_zone: "Asia/Amman",
    job,
    enabled: true,
    missed: "run_once" as const,
    overlap: "allow" as const,
    next_runs: [],
    created_by: "acc_1",
    created_by_name: "Lina",
    created_at: 0,
  };
  const { nodes: _, env: __, ...same } = job;
  expect(scheduleOf(formOf(schedule))).toEqual({
    name: "nightly",
    cron: "@daily",
    time_zone: "Asia/Amman",
    missed: "run_once",
    overlap: "allow",
    job: same,
  });
});

test("a schedule has its time zone and what becomes of missed times", () => {
  expect(scheduleOf({ ...form, name: "nightly", runMissed: true })).toMatchObject({
    name: "nightly",
    cron: "0 3 * * *",
    time_zone: "Europe/Berlin",
    missed: "run_once",
    overlap: "skip",
    job: { command: "uptime" },
  });
});
