import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { queryClient } from "@/api/query-client";
import type { NodeJob, NodeRun, Role, Schedule } from "@/api/types";
import { applyEvent } from "@/lib/event-sync";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve } from "@/testing/server";

const JOBS = "/api/v1/organizations/org_1/node-jobs";
const SCHEDULES = "/api/v1/organizations/org_1/schedules";
const NODES = "/api/v1/organizations/org_1/nodes";

const COUNTS = {
  queued: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  interrupted: 0,
  cancelled: 0,
  expired: 0,
};

function jobOf(change: Partial<NodeJob> = {}): NodeJob {
  return {
    id: "nodejob_1",
    organization_id: "org_1",
    command: "#!/bin/sh\nuptime",
    state: "succeeded",
    created_by: "acc_2",
    created_by_name: "Omar",
    created_at: Date.now(),
    expires_at: Date.now(),
    timeout_ms: 60_000,
    priority: 0,
    retries: 0,
    counts: { ...COUNTS, succeeded: 1 },
    ...change,
  };
}

function runOf(change: Partial<NodeRun> = {}): NodeRun {
  return {
    id: "noderun_1",
    node_job_id: "nodejob_1",
    node_id: "node_1",
    node_name: "berlin",
    state: "succeeded",
    attempt: 1,
    started_at: 1,
    finished_at: 2,
    output: { start: 0, end: 0 },
    ...change,
  };
}

function page(answers: Parameters<typeof serve>[0], role: Role = "owner") {
  return serve({
    "GET /api/v1/me": () => ({
      ...ACCOUNT,
      memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
    }),
    ...answers,
  });
}

function news(node_job_id: string) {
  const event = { sequence: 1, at: 0, organization_id: "org_1" };
  applyEvent(queryClient, { ...event, body: { kind: "node_job_changed", node_job_id } });
}

describe("jobs", () => {
  test("are listed by their first line that says something, and follow events", async () => {
    let state: NodeJob["state"] = "running";
    page({ [`GET ${JOBS}`]: () => ({ items: [jobOf({ state })] }) });
    await visit("/jobs");
    await screen.findByRole("link", { name: "uptime" });
    const list = within(screen.getByRole("list", { name: "Jobs" }));
    list.getByText("Running");
    state = "succeeded";
    news("nodejob_1");
    await list.findByText("Done");
  });

  test("are not for members", async () => {
    page({}, "member");
    await visit("/jobs");
    await screen.findByText(/Only admins and owners/);
  });

  test("are made with a command and servers, and say what the policy refuses", async () => {
    const calls = page({
      [`GET ${JOBS}`]: () => ({ items: [] }),
      [`GET ${NODES}`]: () => ({ items: [nodeOf()] }),
      [`POST ${JOBS}`]: () => problem(403, "forbidden", "The command policy refuses this command."),
    });
    await visit("/jobs?add=true");
    const dialog = within(await screen.findByRole("dialog"));
    fireEvent.click(dialog.getByRole("button", { name: "Run" }));
    await dialog.findByText("Enter a command.");
    fireEvent.change(dialog.getByLabelText("Command or script"), { target: { value: "rm -rf /" } });
    fireEvent.click(await dialog.findByRole("checkbox", { name: /berlin/ }));
    fireEvent.click(dialog.getByRole("button", { name: "Run" }));
    await dialog.findByText("The command policy refuses this command.");
    const sent = calls.find(({ request }) => request === `POST ${JOBS}`)?.body;
    expect(sent).toMatchObject({ command: "rm -rf /", nodes: ["node_1"] });
  });

  test("say how many servers have the labels", async () => {
    page({
      [`GET ${JOBS}`]: () => ({ items: [] }),
      [`GET ${NODES}`]: () => ({
        items: [
          nodeOf({ labels: { region: "eu", gpu: "" } }),
          nodeOf({ id: "node_2", labels: { region: "eu" } }),
        ],
      }),
    });
    await visit("/jobs?add=true");
    const dialog = within(await screen.findByRole("dialog"));
    fireEvent.click(dialog.getByRole("radio", { name: "All with these labels" }));
    fireEvent.change(dialog.getByLabelText("Labels"), { target: { value: "region=eu\ngpu" } });
    await dialog.findByText("Matches 1 server");
  });
});

describe("a job", () => {
  const served = (job: NodeJob, runs: NodeRun[], more: Parameters<typeof serve>[0] = {}) =>
    page({
      "GET /api/v1/node-jobs/nodejob_1": () => job,
      "GET /api/v1/node-jobs/nodejob_1/runs": () => ({ items: runs }),
      ...more,
    });

  test("shows what its only run has printed, in colour and without commands", async () => {
    served(jobOf(), [runOf()], {
      "GET /api/v1/node-runs/noderun_1/output": () =>
        new Response("\x1b]0;evil\x07up \x1b[31m3 days\x1b[0m\n", {
          headers: { "atelier-offset": "7" },
        }),
    });
    await visit("/jobs/nodejob_1");
    const log = await screen.findByRole("log", { name: "Output on berlin" });
    expect(log.textContent).toBe("up 3 days\n");
    await screen.findByText(/first 7 bytes are no longer kept/);
  });

  test("asks for a yes with what would run, who asks, and which rule, and takes the answer", async () => {
    const findings = [
      { command: "reboot", rule: "rule 2 (reboot)", reason: "it stops the machine" },
    ];
    const waiting = jobOf({
      state: "awaiting_approval",
      command: "reboot",
      findings,
      counts: { ...COUNTS, queued: 2 },
    });
    const calls = served(waiting, [runOf({ state: "held", finished_at: null })], {
      "POST /api/v1/node-jobs/nodejob_1/approve": () => waiting,
    });
    await visit("/jobs/nodejob_1");
    const panel = within(await screen.findByRole("region", { name: "This needs a yes" }));
    panel.getByText("Omar asks to run this on 2 servers.");
    panel.getByText(/it stops the machine/);
    panel.getByText(/rule 2 \(reboot\)/);
    fireEvent.click(panel.getByRole("button", { name: "Approve and run" }));
    const approved = "POST /api/v1/node-jobs/nodejob_1/approve";
    await waitFor(() => expect(calls.map(({ request }) => request)).toContain(approved));
  });

  test("cannot be approved by the admin who asked for it", async () => {
    const waiting = jobOf({
      state: "awaiting_approval",
      created_by: "acc_1",
      counts: { ...COUNTS, queued: 1 },
    });
    serve({
      "GET /api/v1/me": () => ({
        ...ACCOUNT,
        memberships: [{ organization_id: "org_1", organization_name: "Workshop", role: "admin" }],
      }),
      "GET /api/v1/node-jobs/nodejob_1": () => waiting,
      "GET /api/v1/node-jobs/nodejob_1/runs": () => ({ items: [] }),
    });
    await visit("/jobs/nodejob_1");
    const button = await screen.findByRole("button", { name: "Approve and run" });
    expect(button.getAttribute("aria-disabled")).toBe("true");
  });
});

test("schedules say when they run and can be paused", async () => {
  const schedule: Schedule = {
    id: "sched_1",
    organization_id: "org_1",
    name: "Backup",
    cron: "30 2 * * *",
    time_zone: "Europe/Berlin",
    job: { nodes: ["node_1"], labels: {}, command: "backup", env: [], priority: 0, retries: 0 },
    enabled: true,
    missed: "skip",
    overlap: "skip",
    next_runs: [Date.UTC(2027, 0, 5, 1, 30)],
    created_by: "acc_1",
    created_by_name: "Lina",
    created_at: 0,
  };
  const calls = page({
    [`GET ${SCHEDULES}`]: () => ({ items: [schedule] }),
    "PATCH /api/v1/schedules/sched_1": () => ({ ...schedule, enabled: false }),
  });
  await visit("/jobs?tab=schedules");
  await screen.findByText("At 02:30");
  screen.getByText(/Jan 5, 2027, 02:30/);
  fireEvent.click(screen.getByRole("button", { name: "Pause Backup" }));
  await waitFor(() =>
    expect(calls).toContainEqual({
      request: "PATCH /api/v1/schedules/sched_1",
      body: { enabled: false },
    }),
  );
});
