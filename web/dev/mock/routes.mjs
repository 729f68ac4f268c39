import { json, problem, route } from "./http.mjs";
import { jobRoutes } from "./jobs.mjs";
import { nodeRoutes } from "./nodes.mjs";
import { preferenceRoutes } from "./preferences.mjs";
import { id, PROTECTIONS, TEMPLATES } from "./state.mjs";

const ORGANIZATION = "/organizations/{organization}";
const WORKSPACE = "/workspaces/{workspace}";

/** Changes a workspace as the server would: a higher version, and news of it. */
function change(state, workspace, update) {
  Object.assign(workspace, update, { version: workspace.version + 1 });
  if (update.state) workspace.state_since = Date.now();
  if (update.state && !update.state_reason) delete workspace.state_reason;
  state.events.publish(state.organization.id, { kind: "workspace_changed", workspace });
  return workspace;
}

function begin(state, workspace) {
  const kinds =
    workspace.source.kind === "git" ? ["queue", "sandbox", "clone"] : ["queue", "sandbox"];
  workspace.steps = kinds.map((kind) => ({ kind, state: "pending" }));
  change(state, workspace, { state: "starting" });
  let tick = 0;
  const timer = setInterval(() => {
    if (workspace.state !== "starting") return clearInterval(timer);
    const current = workspace.steps.find(({ state: stepState }) => stepState !== "done");
    if (!current) {
      clearInterval(timer);
      return change(state, workspace, { state: "running" });
    }
    if (current.state === "pending") {
      Object.assign(current, { state: "running", started_at: Date.now() });
      tick = 0;
    } else if (current.kind === "clone" && tick < 5) {
      tick += 1;
      current.percent = tick * 20;
      current.detail = `Receiving objects: ${tick * 20}%`;
    } else Object.assign(current, { state: "done", finished_at: Date.now() });
    return change(state, workspace, {});
  }, 500);
}

function settleStop(state, workspace, then) {
  change(state, workspace, { state: "stopping" });
  setTimeout(() => then(), 700);
}

const ACTIONS = {
  start: begin,
  stop: (state, ws) => settleStop(state, ws, () => change(state, ws, { state: "stopped" })),
  restart: (state, ws) => settleStop(state, ws, () => begin(state, ws)),
  cancel: (state, ws) =>
    change(state, ws, { state: "stopped", state_reason: "The start was cancelled." }),
  restore: (state, ws) => change(state, ws, { state: "stopped", deleted_at: undefined }),
};

function workspaceRoutes(state) {
  const find = (handler) => (context) => {
    const workspace = state.workspaces.find((ws) => ws.id === context.params.workspace);
    if (!workspace) return problem(context, 404, "not_found", "There is no such workspace.");
    return handler(context, workspace);
  };
  return [
    route("GET", `${ORGANIZATION}/workspaces`, (context) => {
      const deleted = context.url.searchParams.get("deleted") === "true";
      json(context, {
        items: state.workspaces.filter((ws) => (ws.state === "deleted") === deleted),
      });
    }),
    route("POST", `${ORGANIZATION}/workspaces`, (context) => {
      const { name, source, limits = {} } = context.input;
      if (state.workspaces.some((ws) => ws.name === name && ws.state !== "deleted")) {
        return problem(
          context,
          409,
          "name_taken",
          `A workspace named “${name}” exists already. Choose another name.`,
          { field: "name" },
        );
      }
      if (source.kind === "git" && !/^https?:\/\//.test(source.url)) {
        return problem(
          context,
          422,
          "invalid",
          "Only http:// and https:// addresses can be cloned.",
          { field: "source.url" },
        );
      }
      const workspace = {
        id: id("ws"),
        organization_id: state.organization.id,
        owner_id: state.account.id,
        owner_name: state.account.name,
        name,
        node_id: context.input.node_id ?? state.nodes[0].id,
        node_name: state.nodes.find((node) => node.id === context.input.node_id)?.name ?? "local",
        driver: "host",
        source,
        state: "starting",
        state_since: Date.now(),
        steps: [],
        limits,
        created_at: Date.now(),
        version: 1,
      };
      state.workspaces.unshift(workspace);
      begin(state, workspace);
      return json(context, workspace, 201);
    }),
    route(
      "GET",
      WORKSPACE,
      find((context, workspace) => json(context, workspace)),
    ),
    route(
      "PATCH",
      WORKSPACE,
      find((context, workspace) => json(context, change(state, workspace, context.input))),
    ),
    route(
      "DELETE",
      WORKSPACE,
      find((context, workspace) =>
        json(context, change(state, workspace, { state: "deleted", deleted_at: Date.now() })),
      ),
    ),
    ...Object.entries(ACTIONS).map(([verb, act]) =>
      route(
        "POST",
        `${WORKSPACE}/${verb}`,
        find((context, workspace) => {
          act(state, workspace);
          json(context, workspace, 202);
        }),
      ),
    ),
    route(
      "GET",
      `${WORKSPACE}/status`,
      find((context) =>
        json(context, {
          usage: {
            at: Date.now(),
            cpu_us: 1e7,
            cpu_millis: 230,
            memory_bytes: 310 * 1024 ** 2,
            memory_limit_bytes: 2 * 1024 ** 3,
            cpu_limit_millis: 2000,
            processes: 14,
          },
          protections: PROTECTIONS,
        }),
      ),
    ),
  ];
}

function auditPage(state, context) {
  const before = Number(context.url.searchParams.get("cursor") ?? 120);
  const actions = [
    "workspace_create",
    "workspace_start",
    "session_create",
    "member_update",
    "terminal_attach",
    "token_create",
  ];
  const items = Array.from({ length: Math.min(50, before) }, (_, index) => {
    const sequence = before - index;
    return {
      id: `aud_${sequence}`,
      organization_id: state.organization.id,
      sequence,
      at: Date.now() - (120 - sequence) * 1_700_000,
      actor: `account:${state.account.id}`,
      actor_name: sequence % 5 ? "Lina Haddad" : "عمر الفاسي",
      action: actions[sequence % actions.length],
      resource: sequence % 3 ? state.workspaces[0]?.id : undefined,
      outcome: sequence % 11 === 0 ? "denied" : sequence % 17 === 0 ? "failure" : "success",
      details: { name: "payments-api" },
      address: "127.0.0.1",
      request_id: `req_${sequence}`,
      hash: "9f2c".repeat(16),
    };
  });
  json(context, { items, ...(before > 50 ? { next_cursor: String(before - 50) } : {}) });
}

function memberRoutes(state) {
  const members = `${ORGANIZATION}/members`;
  return [
    route("GET", members, (context) => json(context, { items: state.members })),
    route("POST", members, (context) => {
      if (state.members.some(({ email }) => email === context.input.email)) {
        return problem(context, 409, "name_taken", "An account with this address exists already.", {
          field: "email",
        });
      }
      const { password: _, ...rest } = context.input;
      const member = { account_id: id("acc"), joined_at: Date.now(), ...rest };
      state.members.push(member);
      return json(context, member, 201);
    }),
    route("PATCH", `${members}/{account}`, (context) => {
      const member = state.members.find(({ account_id }) => account_id === context.params.account);
      if (member.role === "owner")
        return problem(
          context,
          409,
          "conflict",
          "The last owner stays one. Make another member owner first.",
        );
      Object.assign(member, context.input);
      return json(context, member);
    }),
    route("DELETE", `${members}/{account}`, (context) => {
      state.members = state.members.filter(
        ({ account_id }) => account_id !== context.params.account,
      );
      json(context, null, 204);
    }),
  ];
}

function identityRoutes(state) {
  return [
    route("GET", "/info", (context) =>
      json(context, { version: "0.1.0", setup_required: state.setup }),
    ),
    route("POST", "/setup", (context) => {
      if (context.input.token === "wrong")
        return problem(
          context,
          403,
          "forbidden",
          "This set-up token is not valid. The server prints a new link each time it starts.",
          { field: "token" },
        );
      if (context.input.password === "password12")
        return problem(
          context,
          422,
          "invalid",
          "This password is among the most common ones. Choose another.",
          { field: "password" },
        );
      Object.assign(state, { setup: false, signedIn: true });
      Object.assign(state.account, { name: context.input.name, email: context.input.email });
      return json(context, state.account);
    }),
    route("POST", "/session", (context) => {
      if (context.input.password === "slow")
        return problem(
          context,
          429,
          "rate_limited",
          "Too many attempts. Wait 30 seconds, then try again.",
          { retry_after_s: 30 },
        );
      if (context.input.password === "wrong")
        return problem(context, 401, "invalid_credentials", "E-mail or password are wrong.");
      state.signedIn = true;
      return json(context, state.account);
    }),
    route("DELETE", "/session", (context) => {
      state.signedIn = false;
      json(context, null, 204);
    }),
    route("GET", "/me", (context) =>
      state.signedIn
        ? json(context, state.account)
        : problem(context, 401, "unauthenticated", "Sign in first."),
    ),
    route("PATCH", "/me", (context) => json(context, Object.assign(state.account, context.input))),
    route("PUT", "/me/password", (context) =>
      context.input.current === "wrong"
        ? problem(context, 422, "invalid", "The current password is not right.", {
            field: "current",
          })
        : json(context, null, 204),
    ),
    route("GET", "/me/sessions", (context) => json(context, { items: state.sessions })),
    route("DELETE", "/me/sessions/{session}", (context) => {
      state.sessions = state.sessions.filter((session) => session.id !== context.params.session);
      json(context, null, 204);
    }),
    route("GET", "/me/tokens", (context) => json(context, { items: state.tokens })),
    route("POST", "/me/tokens", (context) => {
      const { name, expires_in_days } = context.input;
      const token = {
        id: id("tok"),
        name,
        hint: "atp_9z8y",
        created_at: Date.now(),
        expires_at: Date.now() + expires_in_days * 86_400_000,
      };
      state.tokens.unshift(token);
      json(context, { token, secret: "atp_mock_not_a_real_secret" }, 201);
    }),
    route("DELETE", "/me/tokens/{token}", (context) => {
      state.tokens = state.tokens.filter((token) => token.id !== context.params.token);
      json(context, null, 204);
    }),
  ];
}

/** The control plane's own routes. */
export function apiRoutes(state) {
  return [
    ...identityRoutes(state),
    ...preferenceRoutes(),
    ...memberRoutes(state),
    ...workspaceRoutes(state),
    route("GET", "/organizations", (context) => json(context, { items: [state.organization] })),
    route("GET", ORGANIZATION, (context) => json(context, state.organization)),
    route("PATCH", ORGANIZATION, (context) => {
      Object.assign(state.organization, context.input);
      state.account.memberships[0].organization_name = state.organization.name;
      json(context, state.organization);
    }),
    route("GET", `${ORGANIZATION}/audit-events`, (context) => auditPage(state, context)),
    ...nodeRoutes(state),
    ...jobRoutes(state),
    route("GET", "/templates", (context) => json(context, { items: TEMPLATES })),
  ];
}
