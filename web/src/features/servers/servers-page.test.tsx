import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { queryClient } from "@/api/query-client";
import type { Node, NodeToken, Role } from "@/api/types";
import { applyEvent } from "@/lib/event-sync";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve } from "@/testing/server";

const NODES = "/api/v1/organizations/org_1/nodes";
const TOKENS = "/api/v1/organizations/org_1/node-tokens";
const COMMAND =
  "curl -fsSL https://a.example/install.sh | sh -s -- --url https://a.example --token atj_x";

const LOCAL = nodeOf({ id: "node_0", name: "local", local: true });

function token(change: Partial<NodeToken> = {}): NodeToken {
  return {
    id: "jtk_1",
    labels: {},
    created_at: Date.now(),
    expires_at: Date.now() + 3_600_000,
    ...change,
  };
}

function page(nodes: Node[], more: Parameters<typeof serve>[0] = {}, role: Role = "owner") {
  return serve({
    "GET /api/v1/me": () => ({
      ...ACCOUNT,
      memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
    }),
    [`GET ${NODES}`]: () => ({ items: nodes }),
    [`GET ${TOKENS}`]: () => ({ items: [] }),
    ...more,
  });
}

function news(node: Node) {
  const event = { sequence: 1, at: 0, organization_id: "org_1" };
  applyEvent(queryClient, { ...event, body: { kind: "node_changed", node } });
}

const row = async (name: string) => {
  const link = await screen.findByRole("link", { name });
  return within(link.closest("tr") as HTMLElement);
};

// jsdom lays nothing out; the virtualizer draws what fits into the height.
beforeEach(() => {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(900);
});

describe("the servers", () => {
  test("show state and latency, and follow events", async () => {
    page([LOCAL, nodeOf({ round_trip_us: 12_345 })]);
    await visit("/servers");
    const shown = await row("berlin");
    shown.getByText("Online");
    shown.getByText("12 ms");
    news(nodeOf({ state: "offline" }));
    await (await row("berlin")).findByText("Offline");
  });

  test("draw only the rows in sight of thousands", async () => {
    page(Array.from({ length: 3000 }, (_, n) => nodeOf({ id: `node_${n}`, name: `edge-${n}` })));
    await visit("/servers");
    await row("edge-0");
    expect(screen.getAllByRole("row").length).toBeLessThan(60);
    expect(screen.getByRole("table").getAttribute("aria-rowcount")).toBe("3001");
  });

  test("teach how another one comes where there is only the control plane's own", async () => {
    page([LOCAL]);
    await visit("/servers");
    await screen.findByRole("heading", { name: "Add another machine" });
  });

  test("are narrowed by what stands in the address, and by a label that is picked", async () => {
    page([nodeOf({ labels: { region: "eu" } })]);
    const router = await visit("/servers?state=online&q=ber");
    fireEvent.click((await row("berlin")).getByRole("button", { name: "region=eu" }));
    await waitFor(() =>
      expect(router.state.location.search).toEqual({
        state: "online",
        q: "ber",
        label: "region=eu",
      }),
    );
    const asked = vi.mocked(fetch).mock.calls.map(([request]) => (request as Request).url);
    expect(asked.some((url) => url.includes("label=region%3Deu"))).toBe(true);
  });

  test("are searched for as a name is typed", async () => {
    const calls = page([nodeOf()]);
    const router = await visit("/servers");
    await row("berlin");
    const field = screen.getByRole<HTMLInputElement>("searchbox", { name: "Search by name" });
    for (const text of ["b", "be", "ber "]) fireEvent.change(field, { target: { value: text } });
    await waitFor(() => expect(router.state.location.search).toEqual({ q: "ber" }));
    await waitFor(() =>
      expect(calls.filter(({ request }) => request === `GET ${NODES}`)).toHaveLength(2),
    );
    expect(field.value).toBe("ber ");
  });

  test("are managed by admins only, and others are told so", async () => {
    page([LOCAL, nodeOf()], {}, "member");
    await visit("/servers");
    const add = await screen.findByRole("button", { name: "Add server" });
    expect(add.title).toBe("Only admins and owners manage servers.");
  });
});

describe("adding a server", () => {
  test("shows one command, waits, and says who has connected", async () => {
    let tokens: NodeToken[] = [];
    const calls = page([LOCAL], {
      [`POST ${TOKENS}`]: () => {
        tokens = [token({ name: "oslo" })];
        return Response.json(
          { token: tokens[0], secret: "atj_x", command: COMMAND },
          { status: 201 },
        );
      },
      [`GET ${TOKENS}`]: () => ({ items: tokens }),
      "GET /api/v1/nodes/node_7": () => nodeOf({ id: "node_7", name: "oslo" }),
    });
    await visit("/servers?add=true");
    fireEvent.change(await screen.findByLabelText("Name"), { target: { value: "oslo" } });
    fireEvent.change(screen.getByLabelText("Labels"), { target: { value: "region=eu\ngpu" } });
    fireEvent.click(screen.getByRole("button", { name: "Make the command" }));
    const command = await screen.findByLabelText<HTMLTextAreaElement>("The command");
    expect(command.value).toBe(COMMAND);
    fireEvent.click(screen.getByRole("radio", { name: "For one user" }));
    expect(command.value).toBe(`${COMMAND} --user`);
    screen.getByText("Waiting for it to connect…");
    expect(calls.find(({ request }) => request === `POST ${TOKENS}`)?.body).toEqual({
      name: "oslo",
      labels: { region: "eu", gpu: "" },
    });

    tokens = [token({ node_id: "node_7" })];
    news(nodeOf({ id: "node_7", name: "oslo" }));
    await screen.findByText("Connected: oslo");
    const open = screen.getByRole("link", { name: "Open the server" });
    expect(open.getAttribute("href")).toBe("/servers/node_7");
  });

  test("keeps the command when the dialog is closed, and takes the token back", async () => {
    let tokens: NodeToken[] = [];
    const calls = page([LOCAL], {
      [`POST ${TOKENS}`]: () => {
        tokens = [token({ id: "jtk_2" })];
        return Response.json(
          { token: tokens[0], secret: "atj_x", command: COMMAND },
          { status: 201 },
        );
      },
      [`GET ${TOKENS}`]: () => ({ items: tokens }),
      "DELETE /api/v1/node-tokens/jtk_2": () => {
        tokens = [];
        return new Response(null, { status: 204 });
      },
    });
    await visit("/servers?add=true");
    fireEvent.click(await screen.findByRole("button", { name: "Make the command" }));
    await screen.findByLabelText("The command");
    fireEvent.click(screen.getByRole("button", { name: "Close, keep waiting" }));
    const waiting = within(await screen.findByRole("region", { name: "Waiting to join" }));
    fireEvent.click(waiting.getByRole("button", { name: "Show command" }));
    expect((await screen.findByLabelText<HTMLTextAreaElement>("The command")).value).toBe(COMMAND);
    fireEvent.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Take back" }));
    await waitFor(() =>
      expect(screen.queryByRole("region", { name: "Waiting to join" })).toBeNull(),
    );
    expect(calls.some(({ request }) => request.startsWith("DELETE"))).toBe(true);
  });

  test("says so where a command is lost with its page, and where it has expired", async () => {
    page([LOCAL], {
      [`GET ${TOKENS}`]: () => ({
        items: [token({ id: "jtk_3", name: "oslo" }), token({ id: "jtk_4", expires_at: 1 })],
      }),
    });
    await visit("/servers");
    const waiting = within(await screen.findByRole("region", { name: "Waiting to join" }));
    waiting.getByText(/its command cannot be shown again/);
    expect(waiting.getAllByRole("listitem")).toHaveLength(1);
  });

  test("tells what is wrong beside the field", async () => {
    page([LOCAL], {
      [`POST ${TOKENS}`]: () =>
        problem(409, "name_taken", "A server of this name exists.", { field: "name" }),
    });
    await visit("/servers?add=true");
    fireEvent.change(await screen.findByLabelText("Labels"), { target: { value: "Bad Key=1" } });
    fireEvent.click(screen.getByRole("button", { name: "Make the command" }));
    await screen.findByText(/“Bad Key=1” is no label/);
    fireEvent.change(screen.getByLabelText("Labels"), { target: { value: "" } });
    fireEvent.click(screen.getByRole("button", { name: "Make the command" }));
    await screen.findByText("A server of this name exists.");
  });
});
