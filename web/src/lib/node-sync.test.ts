import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Node } from "@/api/types";
import { nodeOf } from "@/testing/server";
import { applyEvent } from "./event-sync";
import { applyNodes, matchesFilter } from "./node-sync";

const LIST = "/api/v1/organizations/{organization}/nodes";
const VIEW = "/api/v1/nodes/{node}";
const listKey = (query: object = {}, organization = "org_1") => [
  "get",
  LIST,
  { params: { path: { organization }, query: { limit: 200, ...query } } },
];
const viewKey = ["get", VIEW, { params: { path: { node: "node_1" } } }];

let client: QueryClient;

function hold(key: unknown[], pages: Node[][], next?: string) {
  const last = pages.length - 1;
  client.setQueryData(key, {
    pages: pages.map((items, at) => ({
      items,
      ...(at < last ? { next_cursor: "c" } : next ? { next_cursor: next } : {}),
    })),
    pageParams: [],
  });
}

function names(key: unknown[]): string[] {
  const data = client.getQueryData<{ pages: { items: Node[] }[] }>(key);
  return data?.pages.flatMap(({ items }) => items.map(({ name }) => name)) ?? [];
}

const apply = (...nodes: Node[]) =>
  applyNodes(client, new Map(nodes.map((node) => [node.id, node])));

beforeEach(() => {
  client = new QueryClient();
});

describe("a server that an event brings", () => {
  test("replaces what is shown of it, in lists and on its page", () => {
    hold(listKey(), [[nodeOf()], [nodeOf({ id: "node_2", name: "oslo" })]]);
    client.setQueryData(viewKey, nodeOf());
    apply(nodeOf({ name: "berlin-2", state: "offline" }));
    expect(names(listKey())).toEqual(["berlin-2", "oslo"]);
    expect(client.getQueryData<Node>(viewKey)?.state).toBe("offline");
  });

  test("comes last when it is new, and not at all while later pages are unread", () => {
    hold(listKey(), [[nodeOf()]]);
    hold(listKey({ limit: 1 }), [[nodeOf()]], "more");
    apply(nodeOf({ id: "node_9", name: "new" }));
    expect(names(listKey())).toEqual(["berlin", "new"]);
    expect(names(listKey({ limit: 1 }))).toEqual(["berlin"]);
  });

  test("leaves a narrowed list, or joins it in its place", () => {
    const offline = listKey({ state: "offline" });
    hold(offline, [
      [
        nodeOf({ id: "node_1", state: "offline" }),
        nodeOf({ id: "node_3", name: "z", state: "offline" }),
      ],
    ]);
    apply(nodeOf({ state: "online" }), nodeOf({ id: "node_2", name: "y", state: "offline" }));
    expect(names(offline)).toEqual(["y", "z"]);
  });

  test("is no matter of other organizations", () => {
    hold(listKey({}, "org_2"), [[]]);
    apply(nodeOf());
    expect(names(listKey({}, "org_2"))).toEqual([]);
  });

  test("is gathered with others of the moment; a removed one goes", () => {
    vi.useFakeTimers();
    hold(listKey(), [[nodeOf(), nodeOf({ id: "node_2", name: "oslo" })]]);
    const event = { sequence: 1, at: 0, organization_id: "org_1" };
    applyEvent(client, { ...event, body: { kind: "node_changed", node: nodeOf({ name: "a" }) } });
    applyEvent(client, { ...event, body: { kind: "node_changed", node: nodeOf({ name: "b" }) } });
    applyEvent(client, { ...event, body: { kind: "node_deleted", node_id: "node_2" } });
    expect(names(listKey())).toEqual(["berlin", "oslo"]);
    vi.advanceTimersByTime(1000);
    vi.useRealTimers();
    expect(names(listKey())).toEqual(["b"]);
  });
});

test("the filter is the control plane's: part of a name, key or key=value, state", () => {
  const node = nodeOf({ name: "Berlin-2", labels: { region: "eu", gpu: "", note: "a=b" } });
  const fits = [
    {},
    { search: " lin" },
    { label: "region" },
    { label: "region=eu" },
    { label: "gpu=" },
    { label: "note=a=b" },
    { state: "online" as const },
  ];
  for (const filter of fits) expect(matchesFilter(node, filter), JSON.stringify(filter)).toBe(true);
  const not = [
    { search: "oslo" },
    { label: "region=us" },
    { label: "rack" },
    { state: "offline" as const },
  ];
  for (const filter of not) expect(matchesFilter(node, filter), JSON.stringify(filter)).toBe(false);
});
