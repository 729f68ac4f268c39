import { RemoteMachine } from "../support/remote";
import { expect, test } from "../support/test";
import { useReadableTerminals } from "../support/workbench";

test("add server: one command, then health, a terminal and a job", async ({ owner, page }) => {
  const machine = await RemoteMachine.start([owner.port]);
  try {
    await useReadableTerminals(page);
    await page.goto("/servers");
    await page.getByRole("button", { name: "Add server" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("bench");
    await dialog.getByRole("button", { name: "Make the command" }).click();
    await expect(dialog.getByText("Waiting for it to connect…")).toBeVisible();
    await machine.join(await dialog.getByLabel("The command").inputValue());
    await expect(dialog.getByText("Connected: bench")).toBeVisible();
    await dialog.getByRole("link", { name: "Open the server" }).click();

    await expect(page.getByRole("heading", { name: "bench" })).toBeVisible();
    await expect(page.getByText("Online").first()).toBeVisible();
    // Measured there, shown here.
    await expect(page.getByText(/^CPU\s*\d+%/).first()).toBeVisible({ timeout: 45_000 });

    const parts = page.getByRole("navigation", { name: "Parts of the server" });
    await parts.getByRole("link", { name: "Terminals" }).click();
    await page.getByRole("button", { name: "New terminal" }).first().click();
    const terminal = page.locator(".xterm-rows").first();
    await expect(terminal).toContainText(/[$#]/);
    await page.locator(".xterm-helper-textarea").first().focus();
    await page.keyboard.type("echo FROM''-THERE\n");
    await expect(terminal).toContainText("FROM-THERE");

    await parts.getByRole("link", { name: "Jobs" }).click();
    await page.getByRole("button", { name: "New job" }).first().click();
    await page.getByLabel("Command or script").fill("echo RUN''-THERE");
    await page.getByRole("dialog").getByRole("button", { name: "Run", exact: true }).click();
    await expect(page.getByRole("log")).toContainText("RUN-THERE");

    await machine.killDaemon();
    await page.goto("/servers");
    const row = page.getByRole("row").filter({ hasText: "bench" });
    await expect(row.getByText("Offline")).toBeVisible();
  } finally {
    await machine.dispose();
  }
});
