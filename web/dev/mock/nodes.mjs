// The servers' part of the mock: thousands with `--nodes=3000`, tokens, and one that joins a while
// after its token was made.
import { json, problem, route } from "./http.mjs";
import { id, PROTECTIONS } from "./state.mjs";
import { history, usageOf } from "./telemetry.mjs";

const ORGANIZATION = "/organizations/{organization}";
const JOIN_AFTER_MS = 6000;
const HOUR = 3_600_000;

export const POLICY = {
  workspaces: true,
  terminal: true,
  exec: true,
  files: { permitted: true, roots: ["/srv", "/var/log"], read_only: true },
  containers: false,
  privileged: false,
  update: true,
};

/** A server that has joined, with what the caller changes of it. */
function joinedNode(organization, name, change = {}) {
  return {
    id: id("node"),
    organization_id: organization.id,
    name,
    local: false,
    state: "online",
    state_since: Date.now() - 26 * HOUR,
    created_at: Date.now() - 40 * 24 * HOUR,
    last_seen_at: Date.now(),
    address: "198.51.100.24",
    labels: {},
    draining: false,
    revoked: false,
    round_trip_us: 12_400,
    usage: usageOf(name),
    info: {
      version: "0.1.0",
      hostname: name,
      kernel: "Linux 6.12.0",
      architecture: "x86_64",
      cpus: 16,
      memory_bytes: 64 * 1024 ** 3,
      drivers: ["host"],
      protections: PROTECTIONS,
      policy: POLICY,
      machine: "c0ffee",
    },
    ...change,
  };
}

/** Servers of many kinds, then `count` more. */
export function sampleNodes(organization, count) {
  const now = Date.now();
  const gone = { state: "offline", round_trip_us: undefined };
  const some = [
    joinedNode(organization, "berlin-2", {
      id: "node_berlin",
      ...gone,
      state_since: now - 3 * HOUR,
      last_seen_at: now - 3 * HOUR,
      labels: { region: "eu", gpu: "" },
    }),
    joinedNode(organization, "oslo-gpu-1", {
      id: "node_oslo",
      labels: { region: "eu", gpu: "a100", "team/owner": "research" },
    }),
    joinedNode(organization, "خادم-عمّان", { labels: { region: "me" }, round_trip_us: 84_000 }),
    joinedNode(organization, "draining-with-a-rather-long-name-01", {
      draining: true,
      labels: { region: "us" },
      round_trip_us: 1_240_000,
    }),
    joinedNode(organization, "cloned-vm", {
      warning:
        "A second machine at 203.0.113.9 uses the same key. It was refused. Join one of them again.",
      address: "2001:db8::8a2e:370:7334",
    }),
    joinedNode(organization, "old-laptop", {
      ...gone,
      revoked: true,
      info: undefined,
      last_seen_at: now - 900 * HOUR,
    }),
  ];
  const more = Array.from({ length: count }, (_, n) =>
    joinedNode(organization, `edge-${String(n).padStart(4, "0")}`, {
      ...(n % 17 === 3 ? { ...gone, last_seen_at: now - n * 60_000 } : {}),
      labels: { region: ["eu", "us", "ap"][n % 3], rack: `r${n % 40}` },
      address: `10.20.${n >> 8}.${n & 255}`,
      round_trip_us: n % 17 === 3 ? undefined : 900 + ((n * 7919) % 60_000),
    }),
  );
  return [...some, ...more];
}

function fits(node, query) {
  const search = (query.get("search") ?? "").toLowerCase();
  const label = query.get("label") ?? "";
  const [key, ...value] = label.split("=");
  return (
    node.name.toLowerCase().includes(search) &&
    (!query.get("state") || node.state === query.get("state")) &&
    (label === "" ||
      (label.includes("=")
        ? node.labels?.[key] === value.join("=")
        : Object.hasOwn(node.labels ?? {}, key)))
  );
}

function list(state, context) {
  const query = context.url.searchParams;
  if (/[A-Z ]/.test((query.get("label") ?? "").split("=")[0]))
    return problem(context, 422, "invalid", `“${query.get("label")}” is no key of a label.`, {
      field: "label",
    });
  const found = state.nodes.filter((node) => fits(node, query));
  const from = Number(query.get("cursor") ?? 0);
  const end = from + Number(query.get("limit") ?? 50);
  return json(context, {
    items: found.slice(from, end),
    ...(end < found.length ? { next_cursor: String(end) } : {}),
  });
}

function news(state, node) {
  state.events.publish(state.organization.id, { kind: "node_changed", node });
  return node;
}

function createToken(state, context) {
  const { name, labels = {}, node_id } = context.input;
  if (name && state.nodes.some((node) => node.name === name))
    return problem(context, 409, "name_taken", `A server named “${name}” exists already.`, {
      field: "name",
    });
  const token = {
    id: id("jtk"),
    labels,
    created_at: Date.now(),
    expires_at: Date.now() + HOUR,
    ...(name ? { name } : {}),
    ...(node_id ? { rejoins: node_id } : {}),
  };
  state.nodeTokens.unshift(token);
  if (state.joins) setTimeout(() => join(state, token), JOIN_AFTER_MS);
  const secret = "atj_mock7Qm2vXk9Tn4RzLw8YcJ5HbD3GfS6PaE1UoNiMx0";
  const url = "https://atelier.example.org";
  const command = `curl -fsSL ${url}/install.sh | sh -s -- --url ${url} --token ${secret}`;
  return json(context, { token, secret, command }, 201);
}

function join(state, token) {
  if (!state.nodeTokens.includes(token)) return;
  const known = state.nodes.find((node) => node.id === token.rejoins);
  const node = known ?? joinedNode(state.organization, token.name ?? "debian-13");
  Object.assign(node, { state: "online", revoked: false, state_since: Date.now() });
  if (!known) {
    Object.assign(node, { labels: token.labels, created_at: Date.now() });
    state.nodes.push(node);
  }
  token.node_id = node.id;
  news(state, node);
}

/** Routes of servers and their tokens. */
export function nodeRoutes(state) {
  const find = (handler) => (context) => {
    const node = state.nodes.find((other) => other.id === context.params.node);
    if (!node) return problem(context, 404, "not_found", "There is no such server.");
    return handler(context, node);
  };
  return [
    route("GET", `${ORGANIZATION}/nodes`, (context) => list(state, context)),
    route(
      "GET",
      "/nodes/{node}",
      find((context, node) => json(context, node)),
    ),
    route(
      "GET",
      "/nodes/{node}/telemetry",
      find((context, node) => json(context, history(node, context.url.searchParams))),
    ),
    route(
      "PATCH",
      "/nodes/{node}",
      find((context, node) => json(context, news(state, Object.assign(node, context.input)))),
    ),
    route(
      "DELETE",
      "/nodes/{node}",
      find((context, node) => {
        const used = state.workspaces.filter((ws) => ws.node_id === node.id).length;
        if (used > 0)
          return problem(
            context,
            409,
            "conflict",
            `${used} workspaces are on this server. Delete them first.`,
          );
        state.nodes = state.nodes.filter((other) => other !== node);
        state.events.publish(state.organization.id, { kind: "node_deleted", node_id: node.id });
        return json(context, null, 204);
      }),
    ),
    route(
      "POST",
      "/nodes/{node}/revoke",
      find((context, node) => {
        Object.assign(node, { revoked: true, state: "offline", state_since: Date.now() });
        json(context, news(state, node));
      }),
    ),
    route("GET", `${ORGANIZATION}/node-tokens`, (context) =>
      json(context, { items: state.nodeTokens }),
    ),
    route("POST", `${ORGANIZATION}/node-tokens`, (context) => createToken(state, context)),
    route("DELETE", "/node-tokens/{token}", (context) => {
      state.nodeTokens = state.nodeTokens.filter((token) => token.id !== context.params.token);
      json(context, null, 204);
    }),
  ];
}
