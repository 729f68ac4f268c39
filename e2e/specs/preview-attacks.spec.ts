import type { FrameLocator, Page } from "@playwright/test";
import { attackPage } from "../support/attack-page";
import { entry, freePort, portRow, preview, write } from "../support/ports";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

type Results = Record<string, string>;

async function results(where: Page | FrameLocator): Promise<Results> {
  const text = where.locator("#results");
  await expect(text).not.toBeEmpty({ timeout: 30_000 });
  return JSON.parse((await text.textContent()) ?? "{}") as Results;
}

/** What must have failed in every mode; the rest is seen from outside. */
const REFUSED = [
  "cookies",
  "parentDocument",
  "parentStorage",
  "platformStorage",
  "apiRead",
  "apiReadOwn",
  "apiWrite",
  "apiWriteSimple",
  "socket",
  "worker",
  "workerOfRoot",
  "frame",
  "script",
];

/** Nothing of the platform was changed, read or led away. */
async function unharmed(page: Page, url: string, seen: Results): Promise<void> {
  for (const attack of REFUSED) expect(seen[attack], attack).toMatch(/^failed/);
  expect(page.url()).toBe(url);
  const tokens = await page.request.get("/api/v1/me/tokens");
  expect(((await tokens.json()) as { items: unknown[] }).items).toEqual([]);
  const origin = new URL(url).origin;
  const cookies = await page.context().cookies(origin);
  expect(cookies.map(({ name }) => name)).toEqual(["atelier_session"]);
  expect(cookies[0]?.value).not.toBe("evil");
  expect(await page.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length)).toBe(0);
  // Whoever is framed is no page of the platform.
  for (const frame of page.frames()) {
    if (frame.name() === "framed") expect(frame.url()).not.toMatch(new RegExp(`^${origin}`));
  }
}

for (const addressing of ["host", "path"] as const) {
  test(`an application that attacks the platform fails, shown by ${addressing}`, async ({
    owner,
    page,
  }) => {
    const workbench = await Workbench.create(page, "attacked", "empty");
    const port = await freePort();
    await write(page, "index.html", attackPage());
    await write(page, "sw.js", "");
    await page.evaluate(() => localStorage.setItem("atelier.planted", "secret"));
    await workbench.run(`python3 -m http.server ${port} --bind 127.0.0.1`, "Serving HTTP");
    await page.getByRole("button", { name: "Ports", exact: true }).click();
    const row = portRow(page, port);
    await expect(row).toBeVisible();
    const query = `/?platform=${encodeURIComponent(owner.url)}`;

    if (addressing === "path") {
      // The panel opens by host name where it can: have it know no host name.
      await page.route("**/ports/*/open", async (route) => {
        const body = { ...route.request().postDataJSON(), addressing: "path" };
        await route.continue({ postData: JSON.stringify(body) });
      });
    }
    await row.getByRole("button", { name: `Preview port ${port}` }).click();
    const panel = page.getByRole("region", { name: `Preview of port ${port}` });
    await expect(preview(page, port).getByRole("heading")).toBeVisible();
    const url = page.url();
    await panel.getByLabel("Path in the application").fill(query);
    await panel.getByLabel("Path in the application").press("Enter");
    const framed = await results(preview(page, port));
    await unharmed(page, url, framed);
    const sandbox = await panel.locator("iframe").getAttribute("sandbox");
    expect(sandbox).not.toContain("top-navigation");
    if (addressing === "path") expect(sandbox).not.toContain("same-origin");

    // In a tab of its own it can do no more, however it got there.
    const tab = await page.context().newPage();
    await tab.goto(await entry(page, port, addressing, query));
    const alone = await results(tab);
    await unharmed(page, url, alone);
    await tab.close();
  });
}
