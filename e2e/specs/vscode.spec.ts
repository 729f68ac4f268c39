import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Page, WebSocket } from "@playwright/test";
import { workspaceOf } from "../support/ports";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** A real code-server, which `e2e/vscode/install.mjs` has put there; the workspace sees it read-only. */
const INSTALLED = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../target/vscode");

test.use({ environment: { ATELIER_NODE_READ_ONLY_PATHS: JSON.stringify([INSTALLED]) } });

/** Settings of the person's: the terminal's text stands in the document. */
const SETTINGS = JSON.stringify({
  "terminal.integrated.gpuAcceleration": "off",
  "terminal.integrated.shellIntegration.enabled": false,
  "files.autoSave": "off",
});

async function command(tab: Page, words: string): Promise<void> {
  await tab.keyboard.press("F1");
  const field = tab.locator(".quick-input-box input").first();
  await expect(field).toBeVisible();
  await field.fill(`>${words}`);
  await expect(tab.locator(".quick-input-list .monaco-list-row").first()).toContainText(words);
  await field.press("Enter");
}

test("VS Code is opened, edits the workspace's files, has a terminal, is stopped and cleaned up", async ({
  owner,
  page,
}) => {
  test.setTimeout(180_000);
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "code", "empty");
  const id = workspaceOf(page);
  const dialog = page.getByRole("dialog", { name: "VS Code" });

  // Where there is none, there is nothing to open.
  await page.getByRole("button", { name: "Ports", exact: true }).click();
  await page.getByRole("button", { name: "Open in VS Code" }).click();
  await expect(dialog).toContainText("Not installed");
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await workbench.run(
    `mkdir -p ~/.local/bin ~/.local/share/atelier/vscode/data/User && ln -sf ${INSTALLED}/node_modules/.bin/code-server ~/.local/bin/ && echo '${SETTINGS}' > ~/.local/share/atelier/vscode/data/User/settings.json && echo first > notes.txt && echo RE''ADY`,
    "READY",
  );

  // A click starts it and opens it in a tab of its own.
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: "Open in VS Code" }).click();
  const tab = await opened;
  const sockets: WebSocket[] = [];
  tab.on("websocket", (socket) => sockets.push(socket));
  await expect(tab.locator(".monaco-workbench")).toBeVisible({
    timeout: 60_000,
  });
  expect(new URL(tab.url()).hostname).toMatch(/^vscode--/);
  const row = tab
    .locator(".explorer-folders-view .monaco-list-row")
    .filter({ hasText: "notes.txt" });
  await expect(row).toBeVisible({ timeout: 60_000 });

  // What is written there stands here.
  await row.dblclick();
  const lines = tab.locator(".editor-instance .view-lines").first();
  await expect(lines).toContainText("first");
  await lines.click();
  await tab.keyboard.press("Control+Home");
  await tab.keyboard.type("from VS Code ");
  await tab.keyboard.press("Control+S");
  await expect(tab.locator(".tab.dirty")).toHaveCount(0);
  await page.getByRole("button", { name: "Files", exact: true }).click();
  await page.getByRole("treeitem", { name: "notes.txt" }).dblclick();
  await expect(workbench.editor.locator(".view-lines").first()).toContainText("from VS Code first");

  // Its terminal is the workspace's.
  await command(tab, "Terminal: Create New Terminal");
  await expect(tab.locator(".terminal-wrapper.active .xterm-rows")).toContainText(/[$#]/, {
    timeout: 30_000,
  });
  await tab.locator(".terminal-wrapper.active .xterm-helper-textarea").focus();
  await tab.keyboard.type("echo it is $((40+2)) > answer.txt; cat answer.txt\n");
  await expect(tab.locator(".terminal-wrapper.active .xterm-rows")).toContainText("it is 42");
  await expect(page.getByRole("treeitem", { name: "answer.txt" })).toBeVisible();

  // It is seen, stopped and cleaned up; its page does not start it again.
  await page.getByRole("button", { name: "Ports", exact: true }).click();
  await page.getByRole("button", { name: "Manage VS Code" }).click();
  await expect(dialog).toContainText("Running");
  await expect(dialog).toContainText("4.99.4");
  await dialog.getByRole("button", { name: "Stop" }).click();
  await expect(dialog).toContainText("Stopped");
  // Its page loses its connections, asks for them again, and starts nothing.
  const many = sockets.length;
  expect(many).toBeGreaterThan(0);
  await expect.poll(() => sockets.slice(0, many).every((socket) => socket.isClosed())).toBe(true);
  await tab.close();
  await expect(dialog).toContainText("Stopped");
  await dialog.getByRole("button", { name: "Remove settings" }).click();
  await page.getByRole("button", { name: "Remove them" }).click();
  await expect(page.getByRole("alertdialog")).toBeHidden();
  const seen = async (place: string) => {
    const query = new URLSearchParams({
      root: "home",
      path: `.local/share/atelier/vscode${place}`,
    });
    return (await page.request.get(`/api/v1/workspaces/${id}/files/stat?${query}`)).status();
  };
  expect([await seen(""), await seen("/data")]).toEqual([200, 404]);
});
