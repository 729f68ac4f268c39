// The jobs' part of the mock: some jobs of every state, one that prints for ever, and schedules.
import { json, problem, route } from "./http.mjs";
import { id } from "./state.mjs";

const ORGANIZATION = "/organizations/{organization}";
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STATES = ["queued", "running", "succeeded", "failed", "interrupted", "cancelled", "expired"];

function job(state, command, runs, change = {}) {
  const made = {
    id: id("nodejob"),
    organization_id: state.organization.id,
    command,
    created_by: state.account.id,
    created_by_name: "Lina Haddad",
    created_at: Date.now() - 20 * MINUTE,
    expires_at: Date.now() + 23 * HOUR,
    timeout_ms: HOUR,
    priority: 0,
    retries: 0,
    state: "succeeded",
    ...change,
  };
  const all = runs.map(([node, runState, more = {}]) => ({
    id: id("noderun"),
    node_job_id: made.id,
    node_id: node.id,
    node_name: node.name,
    state: runState,
    attempt: 1,
    output: { start: 0, end: 0 },
    ...(runState === "queued" ? {} : { started_at: Date.now() - 19 * MINUTE }),
    ...(STATES.indexOf(runState) > 1 ? { finished_at: Date.now() - 18 * MINUTE } : {}),
    ...more,
  }));
  const count = (wanted) =>
    all.filter((run) => (run.state === "held" ? "queued" : run.state) === wanted).length;
  made.counts = Object.fromEntries(STATES.map((name) => [name, count(name)]));
  return { job: made, runs: all };
}

const OUTPUT =
  "\x1b[1mReading package lists…\x1b[0m\r\n10 %\r50 %\r100 %\n" +
  "\x1b[32m✔ 214 packages are up to date\x1b[0m\n\x1b[33mwarning:\x1b[0m 3 are kept back\n" +
  "\x1b[31merror:\x1b[0m no space left on \x1b[4m/var\x1b[0m\n\x1b]0;a title\x07\x1b[38;5;208mdone\x1b[0m\n";

function sample(state) {
  const [, berlin, oslo, amman, draining] = state.nodes;
  if (!oslo) return [];
  const failed = { reason: "It ended with the status 100.", exit: { code: 100 } };
  return [
    job(
      state,
      "sudo systemctl restart nginx && reboot",
      [
        [oslo, "held"],
        [amman, "held"],
      ],
      {
        id: "nodejob_ask",
        state: "awaiting_approval",
        reason: "it stops or restarts the machine",
        created_by: "acc_other",
        created_by_name: "Omar Nasser",
        findings: [
          {
            command: "reboot",
            rule: "the built-in rule “shutdown”",
            reason: "it stops or restarts the machine",
          },
          {
            command: "systemctl restart nginx",
            rule: "rule 3 (systemctl restart)",
            reason: "web servers restart by the deployment",
          },
        ],
      },
    ),
    job(
      state,
      "#!/bin/sh\nset -e\napt-get update\napt-get -y upgrade\n",
      [
        [oslo, "running"],
        [amman, "failed", failed],
        [draining, "succeeded"],
        [
          berlin,
          "queued",
          { reason: "It waits for the server “berlin-2”, which is not connected." },
        ],
      ],
      { id: "nodejob_roll", state: "running", concurrency: 2, retries: 1 },
    ),
    job(state, "df -h / | tail -1", [[oslo, "succeeded"]], { id: "nodejob_one" }),
    job(state, "journalctl --vacuum-time=14d", [[oslo, "failed", failed]], {
      id: "nodejob_bad",
      state: "failed",
    }),
    job(
      state,
      "restic backup /srv",
      [[berlin, "expired", { reason: "It could not begin in time on “berlin-2”." }]],
      { state: "expired" },
    ),
    job(state, "yes", [[oslo, "cancelled"]], { state: "cancelled" }),
  ];
}

function schedule(state, name, cron, time_zone, command, change = {}) {
  const next = Array.from({ length: 5 }, (_, n) => Date.now() + (n + 0.4) * 24 * HOUR);
  return {
    id: id("sched"),
    organization_id: state.organization.id,
    name,
    cron,
    time_zone,
    job: { nodes: [], labels: { region: "eu" }, command, env: [], priority: 0, retries: 0 },
    enabled: true,
    missed: "skip",
    overlap: "skip",
    next_runs: next,
    last_at: Date.now() - 14 * HOUR,
    last_outcome: "The job was made.",
    created_by: state.account.id,
    created_by_name: "Lina Haddad",
    created_at: Date.now() - 90 * 24 * HOUR,
    ...change,
  };
}

/** Routes of jobs and schedules. */
export function jobRoutes(state) {
  const jobs = sample(state);
  const schedules = [
    schedule(state, "Nightly backup", "30 2 * * *", "Europe/Berlin", "restic backup /srv"),
    schedule(state, "Certificates", "0 6 * * MON", "UTC", "certbot renew -q", {
      enabled: false,
      next_runs: [],
      last_outcome: "Skipped: the last job has not ended.",
    }),
  ];
  const find = (handler) => (context) => {
    const found = jobs.find((other) => other.job.id === context.params.node_job);
    if (!found) return problem(context, 404, "not_found", "There is no such node job.");
    return handler(context, found);
  };
  const news = (found) => {
    state.events.publish(state.organization.id, {
      kind: "node_job_changed",
      node_job_id: found.job.id,
    });
    return found.job;
  };
  const end = (found, jobState, runState) => {
    found.job.state = jobState;
    for (const run of found.runs)
      if (["held", "queued", "running"].includes(run.state)) run.state = runState;
    return news(found);
  };
  return [
    route("GET", `${ORGANIZATION}/node-jobs`, (context) => {
      const query = context.url.searchParams;
      const fits = ({ job: it, runs }) =>
        (!query.get("node") || runs.some((run) => run.node_id === query.get("node"))) &&
        (query.get("state") !== "awaiting_approval" || it.state === "awaiting_approval");
      json(context, { items: jobs.filter(fits).map(({ job: it }) => it) });
    }),
    route("POST", `${ORGANIZATION}/node-jobs`, (context) => {
      const { command, nodes = [] } = context.input;
      if (command.includes("rm -rf /"))
        return problem(
          context,
          403,
          "forbidden",
          "The command policy refuses this command. It deletes the system.",
        );
      const made = job(
        state,
        command,
        state.nodes.filter((node) => nodes.includes(node.id)).map((node) => [node, "running"]),
        { state: "running", created_at: Date.now() },
      );
      jobs.unshift(made);
      return json(context, news(made), 201);
    }),
    route(
      "GET",
      "/node-jobs/{node_job}",
      find((context, found) => json(context, found.job)),
    ),
    route(
      "GET",
      "/node-jobs/{node_job}/runs",
      find((context, found) => json(context, { items: found.runs })),
    ),
    route(
      "POST",
      "/node-jobs/{node_job}/approve",
      find((context, found) => json(context, end(found, "running", "running"))),
    ),
    route(
      "POST",
      "/node-jobs/{node_job}/refuse",
      find((context, found) => json(context, end(found, "refused", "cancelled"))),
    ),
    route(
      "POST",
      "/node-jobs/{node_job}/cancel",
      find((context, found) => json(context, end(found, "cancelled", "cancelled"))),
    ),
    route(
      "POST",
      "/node-jobs/{node_job}/retry",
      find((context, found) => json(context, found.job, 201)),
    ),
    route("GET", "/node-runs/{node_run}/output", (context) => {
      const from = Number(context.url.searchParams.get("offset"));
      const waits = Number(context.url.searchParams.get("wait_ms")) > 0;
      context.response.setHeader("content-type", "application/octet-stream");
      const bytes = Buffer.from(OUTPUT);
      context.response.setHeader("atelier-offset", String(Math.min(from, bytes.length)));
      setTimeout(() => context.response.end(bytes.subarray(from)), waits && from > 0 ? 5000 : 0);
    }),
    route("GET", `${ORGANIZATION}/schedules`, (context) => json(context, { items: schedules })),
    route("POST", `${ORGANIZATION}/schedules`, (context) => {
      const { name, cron, time_zone, job: wanted } = context.input;
      schedules.push(
        schedule(state, name, cron, time_zone, wanted.command, { last_at: undefined }),
      );
      json(context, schedules.at(-1), 201);
    }),
    route("PATCH", "/schedules/{schedule}", (context) => {
      const found = schedules.find((other) => other.id === context.params.schedule);
      json(context, Object.assign(found, context.input));
    }),
    route("POST", "/schedules/{schedule}/run", (context) => json(context, jobs.at(-1).job, 201)),
    route("DELETE", "/schedules/{schedule}", (context) => {
      const at = schedules.findIndex((other) => other.id === context.params.schedule);
      schedules.splice(at, 1);
      json(context, null, 204);
    }),
    route("GET", "/schedule-preview", (context) => {
      const cron = context.url.searchParams.get("cron");
      if (cron.split(" ").length !== 5)
        return problem(
          context,
          422,
          "invalid",
          "The cron expression cannot be used. Give five fields.",
          { field: "cron" },
        );
      return json(context, { next_runs: schedule(state, "", cron, "UTC", "").next_runs });
    }),
  ];
}
