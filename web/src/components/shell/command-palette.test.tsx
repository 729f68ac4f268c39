import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, test } from "vitest";
import type { Workspace } from "@/api/types";
import { openPalette, useCommandStore } from "@/lib/commands";
import { visit } from "@/testing/page";
import { ACCOUNT, serve, workspaceOf } from "@/testing/server";

/** The palette over a page whose workspaces have not come yet. */
async function open() {
  let arrive = (_: Workspace[]) => {};
  const workspaces = new Promise<{ items: Workspace[] }>((resolve) => {
    arrive = (items) => resolve({ items });
  });
  serve({
    "GET /api/v1/me": () => ACCOUNT,
    "GET /api/v1/organizations/org_1/workspaces": () => workspaces,
  });
  const router = await visit("/");
  await waitFor(() => expect(useCommandStore.getState().groups.size).toBeGreaterThan(0));
  openPalette();
  const palette = await screen.findByRole("dialog", { name: "Command palette" });
  const field = within(palette).getByRole("combobox");
  const options = () => within(palette).getAllByRole("option");
  const selected = () => options().filter((option) => option.ariaSelected === "true");
  await waitFor(() => expect(selected()).toEqual([options()[0]]));
  const come = async () => {
    arrive([workspaceOf({ id: "ws_new", name: "newest" })]);
    await waitFor(() => expect(options()[0]?.textContent).toContain("newest"));
  };
  return { come, field, options, router, selected };
}

beforeEach(() => useCommandStore.setState({ overlay: undefined }));

describe("the command palette", () => {
  test("runs its first entry with Enter, also one that came after it had opened", async () => {
    const { come, field, options, router, selected } = await open();
    await come();
    await waitFor(() => expect(selected()).toEqual([options()[0]]));
    fireEvent.keyDown(field, { key: "Enter" });
    await waitFor(() => expect(router.state.location.pathname).toBe("/workspaces/ws_new"));
  });

  test("keeps what a person has moved to, until they type", async () => {
    const { come, field, options, selected } = await open();
    fireEvent.keyDown(field, { key: "ArrowDown" });
    const chosen = options()[1]?.textContent;
    await waitFor(() => expect(selected().map((option) => option.textContent)).toEqual([chosen]));
    await come();
    expect(options()[2]?.textContent).toBe(chosen);
    expect(selected()).toEqual([options()[2]]);
    fireEvent.change(field, { target: { value: "newest" } });
    await waitFor(() => expect(selected()).toEqual([options()[0]]));
    expect(options()[0]?.textContent).toContain("newest");
  });

  test("follows the pointer", async () => {
    const { options, selected } = await open();
    const second = options()[1];
    if (second) fireEvent.pointerMove(second);
    await waitFor(() => expect(selected()).toEqual([second]));
  });
});
