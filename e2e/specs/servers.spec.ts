import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { RemoteMachine } from "../support/remote";
import { expect, test } from "../support/test";
import { useReadableTerminals } from "../support/workbench";

/** A folder that the machine's ordinary user may write to: no other of the machine's need be. */
async function openFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), "atelier-e2e-open-"));
  await chmod(folder, 0o777);
  return folder;
}

test("add server: one command, then health, a terminal, a file and a job", async ({ owner, page }) => {
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

    // A file of that machine: found, changed and saved from here.
    const folder = await openFolder();
    const note = path.join(folder, "note.txt");
    await writeFile(note, "one\n");
    await chmod(note, 0o666);
    await parts.getByRole("link", { name: "Files" }).click();
    const tree = page.getByRole("tree", { name: "Files" });
    for (const name of folder.split(path.sep).filter(Boolean)) {
      const row = tree.getByRole("treeitem", { name, exact: true }).last();
      // As a person would: type its name, as soon as it is there.
      await expect(async () => {
        await tree.focus();
        await page.keyboard.type(name);
        await expect(row).toHaveClass(/outline-focus/, { timeout: 500 });
      }).toPass({ intervals: [1_000] });
      await page.keyboard.press("ArrowRight");
      await expect(row).toHaveAttribute("aria-expanded", "true");
    }
    await tree.getByRole("treeitem", { name: "note.txt" }).click();
    await page.locator(".monaco-editor .view-line").first().click();
    await page.keyboard.press("Control+End");
    await page.keyboard.type("two");
    expect(await readFile(note, "utf8")).toBe("one\n");
    await page.keyboard.press("Control+s");
    await expect.poll(() => readFile(note, "utf8")).toBe("one\ntwo");
    // The page, too, has heard of it: a folder that goes before would be a failure to save.
    await expect(page.getByText("Saved", { exact: true })).toBeVisible();
    await rm(folder, { recursive: true });

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
