import { expect, test } from "vitest";
import { emptyForm, jobOf, labelsOf, scheduleOf } from "./job-form";

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
