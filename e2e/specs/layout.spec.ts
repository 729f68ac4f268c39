import { expect, test } from "../support/test";

test("keys are found, changed with a conflict, and follow to another device", async ({
  owner,
  page,
  browser,
}) => {
  await page.goto("/");
  const phone = await browser.newContext({ storageState: await page.context().storageState() });
  const there = await phone.newPage();
  await there.goto(owner.url);
  await expect(there.getByRole("banner")).toBeVisible();

  await page.keyboard.press("Control+Shift+?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  const search = dialog.getByRole("searchbox");
  await search.fill("switch workspace");
  await dialog.getByRole("button", { name: "Change the keys of “Switch workspace”" }).click();
  await page.keyboard.press("Control+w");
  await expect(dialog.getByText("The browser keeps Ctrl W for itself.")).toBeVisible();
  await page.keyboard.press("Control+k");
  await expect(dialog.getByText(/Ctrl K starts “Open command palette/)).toBeVisible();
  await page.keyboard.press("F9");
  await expect(dialog.getByText("F9", { exact: true }).first()).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();

  await page.keyboard.press("F9");
  const switcher = page.getByRole("dialog", { name: "Switch workspace" });
  await expect(switcher).toBeVisible();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+O");
  await expect(switcher).toBeHidden();

  // The other device has heard of it, without being loaded again.
  await expect(async () => {
    await there.keyboard.press("F9");
    await expect(there.getByRole("dialog", { name: "Switch workspace" })).toBeVisible({
      timeout: 500,
    });
  }).toPass();
  await phone.close();

  await page.keyboard.press("Control+Shift+?");
  await dialog.getByRole("button", { name: "Reset all" }).click();
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+O");
  await expect(switcher).toBeVisible();
});
