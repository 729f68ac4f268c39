import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Node, NodeConnectionChange, NodeConnectionReason, Role } from "@/api/types";
import { setLanguage } from "@/lib/i18n";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve } from "@/testing/server";

const HOUR = 3_600_000;

/** Newest first: up for an hour and a half, after twelve minutes away. */
function changes(): NodeConnectionChange[] {
  const now = Date.now();
  return [
    { at: now - 1.5 * HOUR, online: true },
    { at: now - 1.7 * HOUR, online: false, reason: { kind: "silent", silence_ms: 9_000 } },
    { at: now - 60 * HOUR, online: true },
  ];
}

interface Options {
  size?: number;
  node?: Partial<Node>;
  role?: Role;
  refuse?: boolean;
}

/** Answers the changes `size` at a time, or refuses. */
function page(
  all: NodeConnectionChange[],
  { size = 50, node = {}, role = "admin" as Role, refuse = false }: Options = {},
) {
  serve({
    "GET /api/v1/me": () => ({
      ...ACCOUNT,
      memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
    }),
    "GET /api/v1/nodes/node_1": () => nodeOf(node),
    "GET /api/v1/organizations/org_1/audit-events": () => ({ items: [] }),
  });
  const asked: (string | null)[] = [];
  const rest = vi.mocked(globalThis.fetch).getMockImplementation();
  vi.mocked(globalThis.fetch).mockImplementation(async (input, init) => {
    const url = new URL((input as Request).url);
    if (!url.pathname.endsWith("/connections")) return rest?.(input, init) as Promise<Response>;
    const cursor = url.searchParams.get("cursor");
    asked.push(cursor);
    if (refuse) return problem(403, "forbidden", "Ask an owner.");
    const from = Number(cursor ?? 0);
    const more = from + size < all.length ? { next_cursor: String(from + size) } : {};
    return Response.json({ items: all.slice(from, from + size), ...more });
  });
  return asked;
}

const rows = async () => {
  const list = await screen.findByRole("list", { name: "Connection" });
  return within(list)
    .getAllByRole("listitem")
    .map((row) => row.textContent);
};

test("tells when the line went up and down, why, and how long the server was away", async () => {
  page(changes());
  await visit("/servers/node_1?tab=events");
  expect(await rows()).toEqual([
    "Connected1 hour agoafter 12 minutes away",
    "Disconnected1 hour agonothing was heard from the server for 9 seconds",
    "Connected2 days ago",
  ]);
  await screen.findByRole("heading", { name: "What was done" });
});

/** One of each kind, with what is said of it in English. */
const REASONS: [NodeConnectionReason, string][] = [
  [{ kind: "closed" }, "the server closed it, as when it is stopped, restarted or updated"],
  [{ kind: "silent", silence_ms: 34_000 }, "nothing was heard from the server for 34 seconds"],
  [{ kind: "revoked" }, "the server’s key was revoked"],
  [{ kind: "rejoined" }, "the server joined again, which ended the line of before"],
  [{ kind: "stayed_away" }, "the server did not come back after the control plane was restarted"],
  [{ kind: "failed", detail: "reset by peer" }, "the line broke off: reset by peer"],
];

test("says every kind of reason in words, in Arabic too but for what a program said", async () => {
  const now = Date.now();
  page(REASONS.map(([reason], day) => ({ at: now - 24 * HOUR * day, online: false, reason })));
  await visit("/servers/node_1?tab=events");
  const said = await rows();
  for (const [index, [, words]] of REASONS.entries())
    expect(said[index]).toMatch(new RegExp(`${words}$`));

  await act(() => setLanguage("ar"));
  try {
    const list = await screen.findByRole("list", { name: "الاتصال" });
    const latin = within(list)
      .getAllByRole("listitem")
      .flatMap((row) => row.textContent?.match(/[A-Za-z][A-Za-z ]*/g) ?? []);
    expect(latin).toEqual(["reset by peer"]);
    expect(list.textContent).toContain("لم يصل من الخادم شيء طوال 34 ثانية");
    const detail = within(list).getByText("reset by peer");
    expect(detail.closest("bdi")?.dir).toBe("ltr");
  } finally {
    await act(() => setLanguage("en"));
  }
});

test("goes on to older ones, and then knows how long it was away before the last", async () => {
  const asked = page(changes(), { size: 1 });
  await visit("/servers/node_1?tab=events");
  expect(await rows()).toEqual(["Connected1 hour ago"]);
  fireEvent.click(screen.getByRole("button", { name: "Load more" }));
  await screen.findByText(/^nothing was heard from the server/);
  expect((await rows())[0]).toBe("Connected1 hour agoafter 12 minutes away");
  fireEvent.click(screen.getByRole("button", { name: "Load more" }));
  await waitFor(async () => expect(await rows()).toHaveLength(3));
  expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
  expect(asked).toEqual([null, "1", "2"]);
});

test("is for everybody who sees the server", async () => {
  page(changes(), { role: "viewer" });
  await visit("/servers/node_1?tab=events");
  expect(await rows()).toHaveLength(3);
  screen.getByText("Only admins and owners see what was done.");
});

test("says that nothing has happened yet, and what was refused", async () => {
  page([]);
  await visit("/servers/node_1?tab=events");
  await screen.findByText(/^No change has been recorded yet/);
  page([], { refuse: true });
  await visit("/servers/node_1?tab=events");
  await screen.findByText("Ask an owner.");
});

test("the embedded server has no line, and none is asked for", async () => {
  const asked = page(changes(), { node: { local: true } });
  await visit("/servers/node_1?tab=events");
  await screen.findByRole("heading", { name: "What was done" });
  expect(screen.queryByRole("heading", { name: "Connection" })).toBeNull();
  expect(asked).toEqual([]);
});
