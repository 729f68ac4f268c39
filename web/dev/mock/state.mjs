import { randomBytes } from "node:crypto";
import { POLICY, sampleNodes } from "./nodes.mjs";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const GIB = 1024 ** 3;

export function id(prefix) {
  return `${prefix}_${randomBytes(13).toString("hex")}`;
}

/** The event stream: numbered, and repeated from `after` on as the real one does. */
class Events {
  epoch = id("epoch");
  sequence = 0;
  held = [];
  clients = new Set();

  publish(organization_id, body) {
    this.sequence += 1;
    const event = { sequence: this.sequence, at: Date.now(), organization_id, body };
    this.held.push(event);
    for (const ws of this.clients) ws.send(JSON.stringify({ type: "event", ...event }));
  }

  attach(ws) {
    ws.on("message", (data) => {
      const { after, epoch } = JSON.parse(data);
      ws.send(JSON.stringify({ type: "subscribed", epoch: this.epoch, sequence: this.sequence }));
      if (epoch === this.epoch) {
        for (const event of this.held.filter(({ sequence }) => sequence > after)) {
          ws.send(JSON.stringify({ type: "event", ...event }));
        }
      }
      this.clients.add(ws);
    });
    ws.on("close", () => this.clients.delete(ws));
  }
}

export const PROTECTIONS = [
  ["own_user", true, "Runs as user 20001, which owns nothing else on this server."],
  ["filesystem", true, "Own mount namespace; the system is read-only, /tmp is private."],
  ["processes", true, "Own PID namespace."],
  ["ipc", true, "Own IPC namespace."],
  ["no_new_privileges", true, "no_new_privs is set and all capabilities are dropped."],
  ["landlock", true, "Landlock ABI 7."],
  ["memory_limit", true, "cgroup version 1, memory controller."],
  ["cpu_limit", true, "cgroup version 1, cpu controller."],
  [
    "process_limit",
    false,
    "The pids controller is not mounted here. Mount it, or use cgroup version 2.",
  ],
].map(([kind, holds, detail]) => ({ kind, holds, detail }));

export const TEMPLATES = [
  ["empty", "Empty", "Nothing but a shell and your own ideas.", "box", undefined, []],
  [
    "node-express",
    "Node + Express",
    "A web server in JavaScript with one route and a test.",
    "server",
    "npm start",
    ["node", "npm"],
  ],
  [
    "python-flask",
    "Python + Flask",
    "A web application in Python with templates.",
    "flask",
    "./start",
    ["python3"],
  ],
  [
    "react-typescript",
    "React + TypeScript",
    "A Vite project with hot reload.",
    "atom",
    "npm run dev",
    ["node", "npm"],
  ],
  ["rust", "Rust", "A binary crate with a library and a test.", "cog", "cargo run", ["cargo"]],
].map(([name, title, description, icon, start_command, requires]) => ({
  name,
  title,
  description,
  icon,
  ...(start_command ? { start_command } : {}),
  requires,
}));

function step(kind, state, more = {}) {
  const now = Date.now();
  return {
    kind,
    state,
    started_at: now - 2000,
    ...(state === "done" ? { finished_at: now } : {}),
    ...more,
  };
}

export function createState({ setup, empty, several, role, nodes, joins }) {
  const now = Date.now();
  const organization = {
    id: id("org"),
    name: "Workshop",
    created_at: now - 90 * DAY,
    role,
  };
  const account = {
    id: id("acc"),
    email: "lina@example.org",
    name: "Lina Haddad",
    created_at: now - 90 * DAY,
    memberships: [
      { organization_id: organization.id, organization_name: "Workshop", role },
      ...(several
        ? [{ organization_id: id("org"), organization_name: "نقابة النجارين", role: "viewer" }]
        : []),
    ],
    session_id: id("ses"),
  };
  const node = {
    id: id("node"),
    organization_id: organization.id,
    name: "local",
    local: true,
    state: "online",
    created_at: now - 90 * DAY,
    info: {
      version: "0.1.0",
      hostname: "forge-01",
      kernel: "Linux 6.18.0",
      architecture: "x86_64",
      cpus: 8,
      memory_bytes: 32 * GIB,
      drivers: ["host"],
      protections: PROTECTIONS,
      policy: { ...POLICY, files: { permitted: true, roots: [], read_only: false } },
    },
  };
  const state = {
    events: new Events(),
    setup,
    signedIn: !setup,
    organization,
    account,
    nodes: [node, ...(empty ? [] : sampleNodes(organization, nodes))],
    nodeTokens: [],
    joins,
    workspaces: [],
    members: [
      { ...pick(account), role: "owner", joined_at: now - 90 * DAY },
      {
        account_id: id("acc"),
        email: "omar@example.org",
        name: "عمر الفاسي",
        role: "admin",
        joined_at: now - 30 * DAY,
      },
      {
        account_id: id("acc"),
        email: "jo@example.org",
        name: "Jo Meyer",
        role: "member",
        joined_at: now - 3 * DAY,
      },
      {
        account_id: id("acc"),
        email: "audit@example.org",
        name: "External Auditor",
        role: "viewer",
        joined_at: now - 2 * HOUR,
      },
    ],
    sessions: [
      session(
        account.session_id,
        true,
        now - 2 * HOUR,
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
      ),
      session(
        id("ses"),
        false,
        now - 9 * DAY,
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile/15E148 Safari/604.1",
      ),
    ],
    tokens: [
      {
        id: id("tok"),
        name: "laptop CLI",
        hint: "atp_3f9k",
        created_at: now - 20 * DAY,
        expires_at: now + 70 * DAY,
        last_used_at: now - 3 * HOUR,
      },
      {
        id: id("tok"),
        name: "nightly backup",
        hint: "atp_a1x0",
        created_at: now - 80 * DAY,
        expires_at: now + 2 * DAY,
      },
    ],
  };
  const make = (name, source, workspaceState, since, more = {}) => ({
    id: id("ws"),
    organization_id: organization.id,
    owner_id: role === "owner" ? account.id : id("acc"),
    owner_name: role === "owner" ? account.name : "Omar Al-Fassi",
    name,
    node_id: node.id,
    node_name: node.name,
    driver: "host",
    source,
    state: workspaceState,
    state_since: now - since,
    steps: [],
    limits: {},
    created_at: now - since - DAY,
    version: 1,
    ...more,
  });
  const git = (url, reference) => ({ kind: "git", url, ...(reference ? { reference } : {}) });
  const template = (name) => ({ kind: "template", template: name });
  if (!empty && !setup) {
    state.workspaces = [
      make(
        "payments-api",
        git("https://git.example.org/shop/payments-api.git", "main"),
        "running",
        3 * HOUR,
        // Known, so that pictures can be taken of its own page.
        { id: "ws_payments" },
      ),
      make("big-monorepo", git("https://git.example.org/core/monorepo.git"), "starting", 8000, {
        steps: [
          step("queue", "done"),
          step("sandbox", "done"),
          step("clone", "running", {
            percent: 42,
            detail: "Receiving objects: 42% (51,204/121,913), 88.1 MiB | 11.20 MiB/s",
          }),
        ],
      }),
      make("docs site", template("react-typescript"), "stopped", 2 * DAY, {
        node_id: "node_oslo",
        node_name: "oslo-gpu-1",
        owner_name: "Jo Meyer",
        owner_id: state.members[2].account_id,
      }),
      make(
        "private-clone",
        git("https://git.example.org/secret/plans.git"),
        "failed",
        12 * MINUTE,
        {
          state_reason:
            "The repository asks for credentials. Use an address that can be read without them, or add a deploy token, then start again.",
          steps: [
            step("queue", "done"),
            step("sandbox", "done"),
            step("clone", "failed", { detail: "The repository asks for credentials." }),
          ],
        },
      ),
      make("مختبر البيانات", template("python-flask"), "running", 40 * MINUTE, {
        id: "ws_offline",
        node_id: "node_berlin",
        node_name: "berlin-2",
        owner_name: "عمر الفاسي",
        owner_id: state.members[1].account_id,
      }),
      make("🦀 rustacean", template("rust"), "stopping", 4000),
      make("old-experiment", template("empty"), "deleted", DAY, { deleted_at: now - DAY }),
    ];
  }
  return state;
}

function pick({ id: account_id, email, name }) {
  return { account_id, email, name };
}

function session(sessionId, current, created_at, user_agent) {
  return {
    id: sessionId,
    created_at,
    last_used_at: current ? Date.now() : created_at + HOUR,
    expires_at: Date.now() + 14 * DAY,
    address: current ? "127.0.0.1" : "203.0.113.77",
    user_agent,
    current,
  };
}
