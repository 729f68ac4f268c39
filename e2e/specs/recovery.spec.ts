import { expect, test } from "../support/test";

test("a page whose parts could not all be fetched comes up by itself", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const lost = new Set<string>();
  // As when the network changes: each part is lost the first time, the texts among them.
  await page.route(/\/assets\/.*\.js$/, async (route) => {
    const part = new URL(route.request().url()).pathname;
    const loseIt = lost.size < 12 && !lost.has(part);
    lost.add(part);
    await (loseIt ? route.abort("connectionreset") : route.continue());
  });
  await page.goto("/");
  await expect(page.getByRole("button", { name: "New workspace" }).first()).toBeVisible({
    timeout: 60_000,
  });
  expect(lost.size).toBeGreaterThan(3);
});

test("a dialog whose part is missing while the server is down opens after it is back", async ({
  owner,
  page,
}) => {
  await page.goto("/");
  const open = page.getByRole("button", { name: "New workspace" }).first();
  await expect(open).toBeVisible();
  await owner.kill();
  await open.click();
  // Said of the connection, until the part is known to be missing, which may be sooner.
  const said = page.getByText(/Reconnecting…|A part of this page could not be fetched/).first();
  await expect(said).toBeVisible();
  await owner.restart();
  const dialog = page.getByRole("dialog", { name: "New workspace" });
  await expect(async () => {
    if (!(await dialog.isVisible())) await open.click({ timeout: 1_000 });
    await expect(dialog).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 90_000 });
});
