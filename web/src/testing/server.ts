import { vi } from "vitest";
import type { Account, Node, Workspace } from "@/api/types";

/** What a fake server answers, at once or later: a value for 200, or a whole response. */
type Answer = (body: unknown) => unknown;

/** Answers by `METHOD /path`, in place of a server; calls to others fail the test. */
export function serve(answers: Record<string, Answer>) {
  const calls: { request: string; body: unknown }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const incoming = input as Request;
    const request = `${incoming.method} ${new URL(incoming.url).pathname}`;
    const text = await incoming.text();
    const body: unknown = text === "" ? undefined : JSON.parse(text);
    const answer = answers[request];
    if (!answer && request.includes("/api/v1/me/preferences")) return preferences(request, body);
    if (!answer) throw new Error(`the test has no answer for ${request}`);
    calls.push({ request, body });
    const value = await answer(body);
    return value instanceof Response ? value : Response.json(value);
  });
  return calls;
}

/** Every page reads and some write them; a test that is about them answers itself. */
function preferences(request: string, body: unknown): Response {
  const namespace = request.split("/preferences/")[1];
  if (namespace === undefined) return Response.json({ items: [] });
  return Response.json({ namespace, value: {}, etag: '"0"', ...(body as object | undefined) });
}

/** A refusal as the server words it. */
export function problem(status: number, code: string, detail: string, more: object = {}): Response {
  return Response.json({ status, code, title: code, detail, ...more }, { status });
}

/** The signed-in account of the tests: an owner. */
export const ACCOUNT: Account = {
  id: "acc_1",
  email: "lina@example.org",
  name: "Lina Haddad",
  created_at: 0,
  memberships: [{ organization_id: "org_1", organization_name: "Workshop", role: "owner" }],
};

/** A server that is there, with what the test changes of it. */
export function nodeOf(change: Partial<Node> = {}): Node {
  return {
    id: "node_1",
    organization_id: "org_1",
    name: "berlin",
    local: false,
    state: "online",
    created_at: 0,
    labels: {},
    draining: false,
    revoked: false,
    ...change,
  };
}

/** A running workspace, with what the test changes of it. */
export function workspaceOf(change: Partial<Workspace> = {}): Workspace {
  return {
    id: "ws_1",
    organization_id: "org_1",
    owner_id: "acc_1",
    owner_name: "Lina Haddad",
    name: "payments-api",
    node_id: "node_1",
    node_name: "local",
    driver: "host",
    source: { kind: "template", template: "empty" },
    state: "running",
    state_since: 0,
    steps: [],
    limits: {},
    created_at: 0,
    version: 5,
    ...change,
  };
}
