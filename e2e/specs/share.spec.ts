import type { Browser, Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { useReadableTerminals, Workbench } from "../support/workbench";

/** Makes a link in the dialog. */
async function makeLink(page: Page, access: "can watch" | "can watch and type"): Promise<string> {
  const dialog = page.getByRole("dialog", { name: "Share Terminal 1" });
  if (!(await dialog.isVisible())) {
    await page.getByRole("button", { name: "More actions for this terminal" }).click();
    await page.getByRole("menuitem", { name: "Share terminal…" }).click();
  }
  await dialog.getByLabel("Whoever has the link").selectOption({ label: access });
  // The list of those that there are may be answered just then, too.
  const made = page.waitForResponse(
    (answer) =>
      answer.url().endsWith("/shares") && answer.request().method() === "POST" && answer.ok(),
  );
  await dialog.getByRole("button", { name: "Make link" }).click();
  const { path } = (await (await made).json()) as { path: string };
  await expect(dialog.getByLabel("The link", { exact: true })).toHaveValue(new RegExp(path));
  return path;
}

/** Somebody without an account, in a browser of their own. */
async function guest(browser: Browser, url: string, path: string, name: string): Promise<Page> {
  const context = await browser.newContext({ locale: "en-US" });
  const page = await context.newPage();
  await useReadableTerminals(page);
  await page.goto(`${url}${path}`);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Go to the terminal" }).click();
  return page;
}

test("a terminal is shared to watch and to type, and taken back", async ({
  owner,
  page,
  browser,
}) => {
  const workbench = await Workbench.create(page, "shared", "empty");
  await workbench.run("echo together-$((3+4))", "together-7");
  const watch = await makeLink(page, "can watch");
  const type = await makeLink(page, "can watch and type");
  await page.keyboard.press("Escape");

  const watcher = await guest(browser, owner.url, watch, "Eve");
  await expect(watcher.locator(".xterm-rows")).toContainText("together-7");
  await expect(watcher.getByText("You are watching")).toBeVisible();
  await watcher.locator(".xterm").click();
  await watcher.keyboard.type("echo evil\n");

  const writer = await guest(browser, owner.url, type, "Ada");
  await expect(writer.locator(".xterm-rows")).toContainText("together-7");
  await writer.locator(".xterm-helper-textarea").focus();
  await writer.keyboard.type("echo from-ada-$((5+5))\n");
  await expect(workbench.terminalText()).toContainText("from-ada-10");
  await expect(watcher.locator(".xterm-rows")).toContainText("from-ada-10");
  await expect(workbench.terminalText()).not.toContainText("evil");

  // Who is there is seen, and who only watches is marked.
  const tab = page.getByRole("tab", { name: "Terminal 1" });
  await expect(tab.getByText("Eve (guest) (only watching)")).toBeAttached();
  await expect(tab.getByText("Ada (guest)", { exact: true })).toBeAttached();

  // No page of the platform opens by it.
  await writer.goto(`${owner.url}/`);
  await expect(writer.getByLabel("Password", { exact: true })).toBeVisible();

  await page.getByRole("button", { name: "More actions for this terminal" }).click();
  await page.getByRole("menuitem", { name: "Share terminal…" }).click();
  const dialog = page.getByRole("dialog", { name: "Share Terminal 1" });
  await expect(dialog.getByText("made by").first()).toBeVisible();
  await dialog.getByRole("button", { name: "Revoke" }).last().click();
  await expect(watcher.getByRole("heading", { name: "This link was revoked" })).toBeVisible();
});

test("a link that is no link says so, and nothing more", async ({ owner, page, browser }) => {
  expect(page).toBeTruthy();
  const context = await browser.newContext({ locale: "en-US" });
  const stranger = await context.newPage();
  await stranger.goto(`${owner.url}/share/share_00000000000000000000000000#ats_guess`);
  await expect(stranger.getByRole("heading", { name: "There is no such link" })).toBeVisible();
  await stranger.goto(`${owner.url}/share/anything`);
  await expect(stranger.getByRole("heading", { name: "There is no such link" })).toBeVisible();
});
