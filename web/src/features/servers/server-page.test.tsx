import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test, vi } from "vitest";
import { queryClient } from "@/api/query-client";
import type { Node, Role } from "@/api/types";
import { applyWorkspace } from "@/lib/event-sync";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve, workspaceOf } from "@/testing/server";

const INFO: NonNullable<Node["info"]> = {
  version: "0.1.0",
  hostname: "berlin.example",
  kernel: "Linux 6.12.0",
  architecture: "x86_64",
  cpus: 16,
  memory_bytes: 64 * 1024 ** 3,
  drivers: ["host"],
  protections: [{ kind: "landlock", holds: true, detail: "Landlock ABI 7." }],
  policy: {
    workspaces: true,
    terminal: false,
    exec: true,
    files: { permitted: true, roots: ["/srv"], read_only: true },
    containers: false,
    privileged: false,
    update: true,
  },
};

function page(change: Partial<Node>, more: Parameters<typeof serve>[0] = {}, role: Role = "admin") {
  return serve({
    "GET /api/v1/me": () => ({
      ...ACCOUNT,
      memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
    }),
    "GET /api/v1/nodes/node_1": () => nodeOf({ info: INFO, ...change }),
    "GET /api/v1/nodes/node_1/telemetry": () => ({
      from: 0,
      to: 1,
      step_ms: 1,
      times: [],
      series: [],
    }),
    "GET /api/v1/organizations/org_1/workspaces": () => ({
      items: [workspaceOf()],
    }),
    ...more,
  });
}

async function choose(item: string) {
  fireEvent.keyDown(await screen.findByRole("button", { name: "Actions for berlin" }), {
    key: "Enter",
  });
  fireEvent.click(await screen.findByRole("menuitem", { name: item }));
}

describe("the page of a server", () => {
  test("shows what its owner permits, and that only they can change it", async () => {
    page({});
    await visit("/servers/node_1");
    const state = async (verb: RegExp) =>
      within((await screen.findByRole("rowheader", { name: verb })).closest("tr") as HTMLElement);
    (await state(/^Workspaces run/)).getByText("Permitted");
    (await state(/^Terminals/)).getByText("Not permitted");
    (await state(/^Files.*reading only.*\/srv/)).getByText("Permitted");
    screen.getByText(/Only the server's owner can change this/);
  });

  test("lists the workspaces that live on it, and follows them", async () => {
    page({});
    await visit("/servers/node_1?tab=workspaces");
    await screen.findByRole("link", { name: "payments-api" });
    const asked = vi.mocked(globalThis.fetch).mock.calls.map(([input]) => (input as Request).url);
    expect(asked.some((url) => /\/workspaces\?.*node=node_1/.test(url))).toBe(true);
    act(() => {
      applyWorkspace(queryClient, workspaceOf({ id: "ws_2", name: "shop" }));
      applyWorkspace(
        queryClient,
        workspaceOf({ id: "ws_3", name: "elsewhere", node_id: "node_2" }),
      );
    });
    await screen.findByRole("link", { name: "shop" });
    expect(screen.queryByRole("link", { name: "elsewhere" })).toBeNull();
  });

  test("says in plain words that it cannot be reached, and since when", async () => {
    page({ state: "offline", state_since: Date.now() - 3.5 * 3_600_000 });
    await visit("/servers/node_1");
    const words = await screen.findByText(/berlin cannot be reached/);
    expect(words.textContent).toMatch(
      /berlin cannot be reached; the line broke 3 hours ago\. What runs on it goes on/,
    );
  });

  test("has no terminals where its owner forbids them", async () => {
    page({});
    await visit("/servers/node_1?tab=terminals");
    await screen.findByText(/owner does not permit terminals/);
  });

  test("is removed only after its name was typed; a refusal stays in the dialog", async () => {
    const calls = page(
      {},
      {
        "DELETE /api/v1/nodes/node_1": () => problem(409, "conflict", "2 workspaces are on it."),
      },
    );
    await visit("/servers/node_1");
    await choose("Remove server");
    const dialog = within(await screen.findByRole("dialog", { name: "Remove berlin?" }));
    fireEvent.click(dialog.getByRole("button", { name: "Remove server" }));
    expect(calls.some(({ request }) => request.startsWith("DELETE"))).toBe(false);
    fireEvent.change(dialog.getByLabelText("Type berlin to confirm"), {
      target: { value: "berlin" },
    });
    fireEvent.click(dialog.getByRole("button", { name: "Remove server" }));
    await dialog.findByText("2 workspaces are on it.");
  });

  test("renames and labels it", async () => {
    const calls = page(
      { labels: { region: "eu" } },
      {
        "PATCH /api/v1/nodes/node_1": () => nodeOf({ info: INFO, name: "oslo" }),
      },
    );
    await visit("/servers/node_1");
    await choose("Name and labels");
    fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "oslo" } });
    fireEvent.change(screen.getByLabelText("Labels"), { target: { value: "region=us" } });
    fireEvent.click(screen.getByRole("button", { name: "Save" }));
    await screen.findByRole("heading", { level: 1, name: /oslo/ });
    await waitFor(() =>
      expect(calls.find(({ request }) => request.startsWith("PATCH"))?.body).toEqual({
        name: "oslo",
        labels: { region: "us" },
      }),
    );
  });
});
