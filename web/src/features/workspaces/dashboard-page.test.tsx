import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { queryClient } from "@/api/query-client";
import type { Role, Workspace } from "@/api/types";
import { applyEvent } from "@/lib/event-sync";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve, workspaceOf } from "@/testing/server";

const LIST = "/api/v1/organizations/org_1/workspaces";

function dashboard(workspaces: Workspace[], more: Parameters<typeof serve>[0] = {}) {
  return serve({
    "GET /api/v1/me": () => ACCOUNT,
    [`GET ${LIST}`]: () => ({ items: workspaces }),
    ...more,
  });
}

const card = (name: string) => screen.findByRole("article", { name });

describe("the dashboard", () => {
  test("teaches the first step where there is nothing", async () => {
    dashboard([]);
    await visit("/");
    await screen.findByRole("heading", { name: "Create your first workspace" });
    expect(screen.getAllByRole("button", { name: "New workspace" })).toHaveLength(2);
    // Who has deleted all of them may want one back.
    expect(screen.getByRole("button", { name: "Deleted" })).toBeTruthy();
  });

  test("keeps what somebody is about to press while the list comes", async () => {
    let tell = (_list: unknown) => {};
    dashboard([], {
      [`GET ${LIST}`]: () =>
        new Promise((resolve) => {
          tell = resolve;
        }),
    });
    await visit("/");
    const button = await screen.findByRole("button", { name: "New workspace" });
    tell({ items: [] });
    await screen.findByRole("heading", { name: "Create your first workspace" });
    expect(button.isConnected).toBe(true);
  });

  test("shows the server's words when the list cannot be read, and tries again", async () => {
    let broken = true;
    dashboard([], {
      [`GET ${LIST}`]: () =>
        broken
          ? problem(507, "out_of_space", "The disk of the server is full.")
          : { items: [workspaceOf()] },
    });
    await visit("/");
    await screen.findByText("The disk of the server is full.");
    broken = false;
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    await card("payments-api");
  });

  test("stops a workspace and shows what the server made of it", async () => {
    const calls = dashboard([workspaceOf()], {
      "POST /api/v1/workspaces/ws_1/stop": () => workspaceOf({ state: "stopping", version: 6 }),
    });
    await visit("/");
    fireEvent.click(
      within(await card("payments-api")).getByRole("button", { name: "Stop payments-api" }),
    );
    await within(await card("payments-api")).findByText("Stopping");
    expect(calls.at(-1)?.request).toBe("POST /api/v1/workspaces/ws_1/stop");
  });

  test("follows events: steps with progress, then running", async () => {
    const at = { sequence: 1, at: 0, organization_id: "org_1" };
    dashboard([workspaceOf({ state: "starting", version: 1 })]);
    await visit("/");
    await card("payments-api");
    const starting = workspaceOf({
      state: "starting",
      version: 2,
      steps: [
        { kind: "sandbox", state: "done" },
        { kind: "clone", state: "running", percent: 42, detail: "Receiving objects" },
      ],
    });
    applyEvent(queryClient, { ...at, body: { kind: "workspace_changed", workspace: starting } });
    const bar = await screen.findByRole("progressbar", { name: "Clone repository" });
    expect(bar.getAttribute("aria-valuenow")).toBe("42");
    expect(screen.getByRole("button", { name: "Cancel start of payments-api" })).toBeTruthy();
    const running = workspaceOf({ version: 3 });
    applyEvent(queryClient, { ...at, body: { kind: "workspace_changed", workspace: running } });
    await screen.findByRole("link", { name: "Open payments-api" });
    expect(screen.queryByRole("progressbar")).toBeNull();
  });

  test("says why a workspace failed, and starts it again", async () => {
    const reason = "The repository asks for credentials.";
    const calls = dashboard([workspaceOf({ state: "failed", state_reason: reason })], {
      "POST /api/v1/workspaces/ws_1/start": () => workspaceOf({ state: "starting", version: 6 }),
    });
    await visit("/");
    const failed = within(await card("payments-api"));
    expect(failed.getByRole("alert").textContent).toBe(reason);
    fireEvent.click(failed.getByRole("button", { name: "Start again: payments-api" }));
    await waitFor(() => expect(calls.at(-1)?.request).toBe("POST /api/v1/workspaces/ws_1/start"));
  });

  test("tells of a refusal in the server's words", async () => {
    dashboard([workspaceOf()], {
      "POST /api/v1/workspaces/ws_1/stop": () => problem(409, "conflict", "It is being started."),
    });
    await visit("/");
    fireEvent.click(
      within(await card("payments-api")).getByRole("button", { name: "Stop payments-api" }),
    );
    await screen.findByText("It is being started.");
  });

  test.each<[Role, string]>([
    ["viewer", "acc_1"],
    ["member", "acc_other"],
  ])("a %s cannot change what is not theirs, and is told why", async (role, owner) => {
    const calls = dashboard([workspaceOf({ owner_id: owner })], {
      "GET /api/v1/me": () => ({
        ...ACCOUNT,
        memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
      }),
    });
    await visit("/");
    const stop = within(await card("payments-api")).getByRole("button", { name: /^Stop/ });
    expect(stop.getAttribute("aria-disabled")).toBe("true");
    expect(stop.title).toBe("Only its owner and admins can do this.");
    fireEvent.click(stop);
    expect(calls.some(({ request }) => request.startsWith("POST"))).toBe(false);
  });

  test("filters by what stands in the address", async () => {
    dashboard([workspaceOf(), workspaceOf({ id: "ws_2", name: "docs", state: "stopped" })]);
    await visit("/?state=stopped");
    await card("docs");
    expect(screen.queryByRole("article", { name: "payments-api" })).toBeNull();
  });

  test("creates from a repository, with a name from its address", async () => {
    const calls = dashboard([workspaceOf()], {
      "GET /api/v1/templates": () => ({ items: [] }),
      [`POST ${LIST}`]: () => workspaceOf({ id: "ws_9", name: "payments-api-2", version: 1 }),
    });
    await visit("/?create=true");
    fireEvent.click(await screen.findByRole("radio", { name: "Git repository" }));
    fireEvent.change(await screen.findByLabelText("Repository address"), {
      target: { value: "https://git.example.org/shop/payments-api.git" },
    });
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("payments-api-2");
    fireEvent.click(screen.getByRole("button", { name: "Create workspace" }));
    await card("payments-api-2");
    expect(calls.find(({ request }) => request === `POST ${LIST}`)?.body).toEqual({
      name: "payments-api-2",
      source: { kind: "git", url: "https://git.example.org/shop/payments-api.git" },
      limits: {},
    });
  });

  test("shows the line to another machine, and follows it", async () => {
    const local = nodeOf({ id: "node_1", name: "local", local: true });
    const oslo = nodeOf({ id: "node_2", name: "oslo", round_trip_us: 31_000 });
    const remote = workspaceOf({ id: "ws_2", name: "docs", node_id: "node_2", node_name: "oslo" });
    dashboard([workspaceOf(), remote], {
      "GET /api/v1/organizations/org_1/nodes": () => ({ items: [local, oslo] }),
    });
    await visit("/");
    const docs = within(await card("docs"));
    await docs.findByText("31 ms");
    expect(within(await card("payments-api")).queryByText("Online")).toBeNull();
    applyEvent(queryClient, {
      sequence: 1,
      at: 0,
      organization_id: "org_1",
      body: { kind: "node_changed", node: { ...oslo, state: "offline" } },
    });
    await docs.findByText("Offline");
  });

  test("asks on which server only where there are several, and names the chosen one", async () => {
    const node = { organization_id: "org_1", local: false, created_at: 0, state: "online" };
    const calls = dashboard([workspaceOf()], {
      "GET /api/v1/templates": () => ({ items: [] }),
      "GET /api/v1/organizations/org_1/nodes": () => ({
        items: [
          { ...node, id: "node_1", name: "local", local: true },
          { ...node, id: "node_2", name: "berlin" },
          { ...node, id: "node_3", name: "oslo", state: "offline" },
        ],
      }),
      [`POST ${LIST}`]: () => workspaceOf({ id: "ws_9", name: "empty", version: 1 }),
    });
    await visit("/?create=true");
    fireEvent.click(await screen.findByRole("radio", { name: "Empty" }));
    const server = await screen.findByLabelText("Server");
    const offline = within(server).getByRole<HTMLOptionElement>("option", {
      name: "oslo (offline)",
    });
    expect(offline.disabled).toBe(true);
    fireEvent.change(server, { target: { value: "node_2" } });
    fireEvent.click(screen.getByRole("button", { name: "Create workspace" }));
    await card("empty");
    const sent = calls.find(({ request }) => request === `POST ${LIST}`)?.body;
    expect(sent).toMatchObject({ node_id: "node_2" });
  });

  test("puts the server's refusal beside the field that it names", async () => {
    dashboard([workspaceOf()], {
      "GET /api/v1/templates": () => ({ items: [] }),
      [`POST ${LIST}`]: () => problem(409, "name_taken", "This name is taken.", { field: "name" }),
    });
    await visit("/?create=true");
    fireEvent.click(await screen.findByRole("radio", { name: "Empty" }));
    fireEvent.click(screen.getByRole("button", { name: "Create workspace" }));
    await screen.findByText("This name is taken.");
    const name = screen.getByLabelText("Name");
    expect(name.getAttribute("aria-invalid")).toBe("true");
    const note = document.getElementById(name.getAttribute("aria-describedby") ?? "");
    expect(note?.textContent).toBe("This name is taken.");
  });
});
