import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, describe, expect, test } from "vitest";
import { useCommandStore } from "@/lib/commands";
import { usePending } from "@/lib/preference-writer";
import { handleShortcut } from "@/lib/shortcuts";
import { visit } from "@/testing/page";
import { ACCOUNT, serve, workspaceOf } from "@/testing/server";

const PUT = "PUT /api/v1/me/preferences/shortcuts";

/** A key, as the window's listener sees it. */
function press(init: KeyboardEventInit): void {
  handleShortcut(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...init }));
}

async function open() {
  const held = { value: {} as Record<string, unknown>, version: 0 };
  const shown = () => ({ namespace: "shortcuts", value: held.value, etag: `"${held.version}"` });
  serve({
    "GET /api/v1/me": () => ACCOUNT,
    "GET /api/v1/organizations/org_1/workspaces": () => ({ items: [workspaceOf()] }),
    "GET /api/v1/me/preferences": () => ({ items: [shown()] }),
    [PUT]: (body) => {
      held.value = (body as { value: Record<string, unknown> }).value;
      held.version += 1;
      return shown();
    },
  });
  await visit("/");
  await screen.findByRole("article", { name: "payments-api" });
  press({ key: "?", ctrlKey: true, shiftKey: true });
  const dialog = await screen.findByRole("dialog", { name: "Keyboard shortcuts" });
  return { held, dialog };
}

beforeEach(() => {
  localStorage.clear();
  usePending.setState({}, true);
  useCommandStore.setState({ bindings: {}, overlay: undefined });
});

describe("the list of keys", () => {
  test("is searched by names and by keys", async () => {
    const { dialog } = await open();
    const search = within(dialog).getByRole("searchbox");
    const names = () =>
      within(dialog)
        .getAllByRole("listitem")
        .map((item) => item.textContent);
    fireEvent.change(search, { target: { value: "switch work" } });
    expect(names()).toHaveLength(1);
    fireEvent.change(search, { target: { value: "ctrl+shift+o" } });
    expect(names()).toHaveLength(1);
    fireEvent.change(search, { target: { value: "no such thing" } });
    expect(within(dialog).queryAllByRole("listitem")).toHaveLength(0);
    expect(within(dialog).getByText("No command has these words or keys.")).toBeTruthy();
  });

  test("gives keys to a command, says who had them, and takes them away from there", async () => {
    const { held, dialog } = await open();
    const change = within(dialog).getByRole("button", {
      name: "Change the keys of “Switch workspace”",
    });
    fireEvent.click(change);
    const field = within(dialog).getByRole("textbox");
    fireEvent.keyDown(field, { key: "w", code: "KeyW", ctrlKey: true });
    expect(within(dialog).getByText(/The browser keeps Ctrl W/)).toBeTruthy();
    fireEvent.keyDown(field, { key: "k", code: "KeyK", ctrlKey: true });
    expect(within(dialog).getByText(/Ctrl K starts “Open command palette”/)).toBeTruthy();
    expect(held.version).toBe(0);
    fireEvent.click(within(dialog).getByRole("button", { name: "Use them here" }));
    await waitFor(() =>
      expect(held.value).toEqual({
        "workspace.switch": ["Mod+K"],
        "palette.open": ["F1", "Mod+Shift+P"],
      }),
    );

    fireEvent.click(within(dialog).getByRole("button", { name: "Reset all" }));
    await waitFor(() => expect(held.value).toEqual({}));
  });

  test("leaves a command without keys, and gives them back", async () => {
    const { held, dialog } = await open();
    const button = (name: string) => within(dialog).getByRole("button", { name });
    fireEvent.click(button("Take the keys from “Switch workspace”"));
    await waitFor(() => expect(held.value).toEqual({ "workspace.switch": [] }));
    fireEvent.click(button("Reset the keys of “Switch workspace”"));
    await waitFor(() => expect(held.value).toEqual({}));
  });
});
