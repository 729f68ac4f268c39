import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { queryClient } from "@/api/query-client";
import type { AuditEvent, Role } from "@/api/types";
import { nodeNews } from "@/lib/node-sync";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, serve } from "@/testing/server";
import { detailsText } from "./audit-table";

function event(sequence: number, action: string, details: object = {}): AuditEvent {
  return {
    id: `aud_${sequence}`,
    organization_id: "org_1",
    sequence,
    at: Date.now(),
    actor: "account:acc_1",
    actor_name: "Lina Haddad",
    action,
    resource: "node_1",
    outcome: "success",
    details,
    hash: "00",
  };
}

function page(role: Role = "admin") {
  const log = [
    event(2, "machine_file_write", { query: "path=etc%2Fhosts&recursive=true" }),
    event(1, "node_update"),
  ];
  const asked: URLSearchParams[] = [];
  serve({
    "GET /api/v1/me": () => ({
      ...ACCOUNT,
      memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
    }),
    "GET /api/v1/nodes/node_1": () => nodeOf(),
    "GET /api/v1/nodes/node_1/connections": () => ({ items: [] }),
  });
  const rest = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const url = new URL((input as Request).url);
    if (!url.pathname.endsWith("/audit-events")) return rest?.(input, init) as Promise<Response>;
    asked.push(url.searchParams);
    const older = url.searchParams.get("cursor") !== null;
    return Response.json(
      older ? { items: log.slice(-1) } : { items: log.slice(0, -1), next_cursor: "2" },
    );
  });
  return { log, asked };
}

const actions = async () =>
  (await screen.findAllByRole("row")).slice(1).map((row) => row.children[2]?.textContent);

test("a server's events are its own part of the audit log, page by page", async () => {
  const { asked } = page();
  await visit("/servers/node_1?tab=events");
  const row = await screen.findByRole("row", { name: /machine_file_write/ });
  within(row).getByText("path: etc/hosts · recursive: true");
  fireEvent.click(screen.getByRole("button", { name: "Load more" }));
  await screen.findByRole("row", { name: /node_update/ });
  expect(asked.map((query) => [query.get("resource"), query.get("cursor")])).toEqual([
    ["node_1", null],
    ["node_1", "2"],
  ]);
});

test("what changes of the server is there without asking", async () => {
  const { log, asked } = page();
  await visit("/servers/node_1?tab=events");
  await screen.findByRole("row", { name: /machine_file_write/ });
  log.unshift(event(3, "node_revoke"));
  nodeNews(queryClient).changed(nodeOf({ id: "node_2" }));
  nodeNews(queryClient).changed(nodeOf({ revoked: true }));
  await screen.findByRole("row", { name: /node_revoke/ });
  expect((await actions())[0]).toMatch(/^node_revoke/);
  expect(asked).toHaveLength(2);
});

test("who may not read the audit log is told so, and it is not asked for", async () => {
  const { asked } = page("member");
  await visit("/servers/node_1?tab=events");
  await screen.findByText("Only admins and owners see what was done.");
  await waitFor(() => expect(asked).toEqual([]));
});

test("details are one line, and no longer than tells them apart", () => {
  expect(detailsText({ command: ["ls", "-l"], cwd: "/srv" })).toBe(
    'command: ["ls","-l"] · cwd: /srv',
  );
  expect(detailsText({ text: "x".repeat(500) })).toHaveLength(121);
  expect(detailsText({ query: "" })).toBe("");
  expect(detailsText(null)).toBe("");
});
