import { QueryClient } from "@tanstack/react-query";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Workspace } from "@/api/types";
import { applyEvent, applyWorkspace } from "./event-sync";

const LIST = "/api/v1/organizations/{organization}/workspaces";
const VIEW = "/api/v1/workspaces/{workspace}";

function workspace(change: Partial<Workspace> = {}): Workspace {
  return {
    id: "ws_1",
    organization_id: "org_1",
    owner_id: "acc_1",
    owner_name: "Lina",
    name: "api",
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

const listKey = (deleted: boolean, organization = "org_1") => [
  "get",
  LIST,
  { params: { path: { organization }, query: { limit: 200, deleted } } },
];
const viewKey = ["get", VIEW, { params: { path: { workspace: "ws_1" } } }];

let client: QueryClient;

function shown(deleted = false): Workspace[] {
  const data = client.getQueryData<{ pages: { items: Workspace[] }[] }>(listKey(deleted));
  return data?.pages.flatMap(({ items }) => items) ?? [];
}

beforeEach(() => {
  client = new QueryClient();
  const pages = (...items: Workspace[]) => ({ pages: [{ items }], pageParams: [null] });
  client.setQueryData(listKey(false), pages(workspace(), workspace({ id: "ws_2", name: "docs" })));
  client.setQueryData(listKey(true), pages());
  client.setQueryData(viewKey, workspace());
});

describe("applyWorkspace", () => {
  test("leaves the lists of other organizations alone", () => {
    const key = listKey(false, "org_2");
    const before = { pages: [{ items: [] }], pageParams: [null] };
    client.setQueryData(key, before);
    applyWorkspace(client, workspace({ id: "ws_3", version: 1 }));
    expect(client.getQueryData(key)).toBe(before);
  });

  test("changes list and view, and keeps the place in the list", () => {
    applyWorkspace(client, workspace({ state: "stopping", version: 6 }));
    expect(shown().map(({ id, state }) => [id, state])).toEqual([
      ["ws_1", "stopping"],
      ["ws_2", "running"],
    ]);
    expect(client.getQueryData<Workspace>(viewKey)?.state).toBe("stopping");
  });

  test("does not go back to an older version", () => {
    applyWorkspace(client, workspace({ state: "starting", version: 4 }));
    expect(shown()[0]?.state).toBe("running");
    expect(client.getQueryData<Workspace>(viewKey)?.state).toBe("running");
  });

  test("puts a new one first", () => {
    applyWorkspace(client, workspace({ id: "ws_3", version: 1 }));
    expect(shown().map(({ id }) => id)).toEqual(["ws_3", "ws_1", "ws_2"]);
    expect(shown(true)).toEqual([]);
  });

  test("moves a deleted one to the deleted, and a restored one back", () => {
    applyWorkspace(client, workspace({ state: "deleted", version: 6 }));
    expect(shown().map(({ id }) => id)).toEqual(["ws_2"]);
    expect(shown(true).map(({ id }) => id)).toEqual(["ws_1"]);
    applyWorkspace(client, workspace({ state: "stopped", version: 7 }));
    expect(shown(true)).toEqual([]);
    expect(shown().map(({ id }) => id)).toEqual(["ws_1", "ws_2"]);
  });
});

describe("applyEvent", () => {
  const base = { sequence: 1, at: 0, organization_id: "org_1" };

  test("a purged workspace leaves every list", () => {
    applyWorkspace(client, workspace({ state: "deleted", version: 6 }));
    applyEvent(client, { ...base, body: { kind: "workspace_purged", workspace_id: "ws_1" } });
    expect(shown(true)).toEqual([]);
  });

  test("a changed organization makes the account's memberships stale", () => {
    client.setQueryData(["get", "/api/v1/me"], { id: "acc_1" });
    applyEvent(client, { ...base, body: { kind: "organization_changed" } });
    expect(client.getQueryState(["get", "/api/v1/me"])?.isInvalidated).toBe(true);
  });

  test("repositories that were found make their list stale, once for many", async () => {
    const key = ["get", "/api/v1/organizations/{organization}/repositories"];
    client.setQueryData(key, { pages: [] });
    const invalidate = vi.spyOn(client, "invalidateQueries");
    for (const workspace_id of ["ws_1", "ws_2"]) {
      applyEvent(client, { ...base, body: { kind: "repositories_changed", workspace_id } });
    }
    await vi.waitFor(() => expect(client.getQueryState(key)?.isInvalidated).toBe(true));
    expect(invalidate).toHaveBeenCalledTimes(1);
  });

  test("kinds of a later version change nothing", () => {
    const before = shown();
    applyEvent(client, { ...base, body: { kind: "unknown" } });
    expect(shown()).toEqual(before);
  });
});
