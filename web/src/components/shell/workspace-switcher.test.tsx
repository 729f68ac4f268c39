import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, test } from "vitest";
import { useCommandStore } from "@/lib/commands";
import { offerLines, takePicture } from "@/lib/last-seen";
import { usePending } from "@/lib/preference-writer";
import { visit } from "@/testing/page";
import { ACCOUNT, serve, workspaceOf } from "@/testing/server";

const START = "POST /api/v1/workspaces/ws_old/start";

async function open() {
  const workspaces = [
    workspaceOf({ id: "ws_new", name: "newest" }),
    workspaceOf({ id: "ws_mid", name: "middle" }),
    workspaceOf({ id: "ws_old", name: "oldest", state: "stopped", node_name: "berlin" }),
  ];
  const recent = { namespace: "recent", value: { ws_old: 2_000, ws_mid: 1_000 }, etag: '"1"' };
  const calls = serve({
    "GET /api/v1/me": () => ACCOUNT,
    "GET /api/v1/organizations/org_1/workspaces": () => ({ items: workspaces }),
    "GET /api/v1/me/preferences": () => ({ items: [recent] }),
    "GET /api/v1/workspaces/ws_old": () => workspaces[2],
    [START]: () => workspaces[2],
  });
  const router = await visit("/");
  await screen.findByRole("article", { name: "newest" });
  useCommandStore.getState().setOverlay("switcher");
  const dialog = await screen.findByRole("dialog", { name: "Switch workspace" });
  await waitFor(() => expect(within(dialog).getAllByRole("option")).toHaveLength(3));
  return { calls, dialog, router };
}

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  usePending.setState({}, true);
  useCommandStore.setState({ overlay: undefined });
});

describe("the workspace switcher", () => {
  test("has the last visited first, with state and server, and says what it has no picture of", async () => {
    const stop = offerLines("terminal", () => ["$ make check"]);
    takePicture("ws_mid", Date.now());
    stop();
    const { dialog } = await open();
    const options = within(dialog).getAllByRole("option");
    const texts = options.map((option) => option.textContent ?? "");
    expect(texts.map((text) => /newest|middle|oldest/.exec(text)?.[0])).toEqual([
      "oldest",
      "middle",
      "newest",
    ]);
    expect(texts[0]).toMatch(/Stopped.*berlin.*no picture/);
    expect(texts[1]).toContain("$ make check");
    expect(texts[1]).not.toContain("no picture");
    expect(texts[2]).toContain("Not opened yet");
  });

  test("opens with Enter, and starts what is stopped", async () => {
    const { calls, dialog, router } = await open();
    fireEvent.keyDown(within(dialog).getByRole("combobox"), { key: "Enter" });
    await waitFor(() => expect(router.state.location.pathname).toBe("/workspaces/ws_old"));
    await waitFor(() => expect(calls.some(({ request }) => request === START)).toBe(true));
    expect(useCommandStore.getState().overlay).toBeUndefined();
  });

  test("only opens with Shift and Enter", async () => {
    const { calls, dialog, router } = await open();
    const field = within(dialog).getByRole("combobox");
    fireEvent.keyDown(field, { key: "Enter", shiftKey: true });
    await waitFor(() => expect(router.state.location.pathname).toBe("/workspaces/ws_old"));
    await screen.findByRole("heading", { name: "oldest" });
    expect(calls.some(({ request }) => request === START)).toBe(false);
  });
});
