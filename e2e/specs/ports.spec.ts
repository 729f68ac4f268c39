import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { entry, freePort, portRow, preview, write } from "../support/ports";
import { OWNER } from "../support/server";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** A real Vite, which the workspace sees read-only. */
const MODULES = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../web/node_modules");

test.use({ environment: { ATELIER_NODE_READ_ONLY_PATHS: JSON.stringify([MODULES]) } });

/** An application that takes one of its modules anew without loading the page again. */
async function application(page: Page): Promise<void> {
  await write(page, "index.html", "<h1 id=out></h1><script type=module src=/main.js></script>");
  await write(page, "message.js", 'export const message = "first words";');
  await write(
    page,
    "main.js",
    `import { message } from "./message.js";
     const out = document.getElementById("out");
     out.textContent = message;
     out.dataset.loaded = String(performance.timeOrigin);
     import.meta.hot.accept("./message.js", (next) => { out.textContent = next.message; });`,
  );
  await write(
    page,
    "vite.config.mjs",
    'export default { cacheDir: "/tmp/vite", clearScreen: false, server: { watch: { usePolling: true, interval: 100 } } };',
  );
}

async function serve(workbench: Workbench, port: number, more = ""): Promise<void> {
  await workbench.run(`ln -sfn ${MODULES} node_modules; echo li''nked`, "linked");
  await workbench.run(
    `node node_modules/vite/bin/vite.js --configLoader native --port ${port} --strictPort ${more}`,
    /ready in/,
  );
}

test("a development server is seen, previewed by host name, and reloads hot", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "previewed", "empty");
  const port = await freePort();
  const sockets: string[] = [];
  page.on("websocket", (socket) => sockets.push(socket.url()));
  await application(page);
  await serve(workbench, port);

  // It is told of without anybody looking, and opens beside the editor.
  const notice = page.getByText(`listens on port ${port}`);
  await expect(notice).toBeVisible();
  await page.getByRole("button", { name: "Open preview" }).click();
  const shown = preview(page, port).locator("#out");
  await expect(shown).toHaveText("first words");
  const loaded = await shown.getAttribute("data-loaded");
  await write(page, "message.js", 'export const message = "second words";');
  await expect(shown).toHaveText("second words");
  expect(await shown.getAttribute("data-loaded")).toBe(loaded);
  // Vite would also try its own port, which leads nowhere for people elsewhere.
  const news = sockets.filter((url) => url.includes("token="));
  expect(news.length).toBeGreaterThan(0);
  for (const url of news) expect(url).toContain(`ws://${port}--`);

  // The list names it, shares it, and leads to it.
  await page.getByRole("button", { name: "Ports", exact: true }).click();
  const row = portRow(page, port);
  await expect(row).toContainText("node");
  await row.getByRole("button", { name: `Name port ${port}` }).click();
  await row.getByRole("textbox").fill("Web");
  await row.getByRole("textbox").press("Enter");
  await expect(row).toContainText("Web");
  await row.getByLabel(`Who may see port ${port}`).selectOption("public");
  await expect(row).toContainText("without signing in");
  const context = await page.context().browser()?.newContext();
  const stranger = await context?.newPage();
  const host = new URL(await entry(page, port, "host")).origin;
  await stranger?.goto(`${host}/`);
  await expect(stranger?.locator("#out") ?? shown).toHaveText("second words");
  await row.getByLabel(`Who may see port ${port}`).selectOption("private");
  await expect(row).toContainText("whoever may work in this workspace");
  // The platform asks who they are.
  await stranger?.goto(`${host}/`);
  await expect(stranger?.getByLabel("Password", { exact: true }) ?? shown).toBeVisible();
  await context?.close();

  // The bar leads it.
  const panel = page.getByRole("region", { name: `Preview of port ${port}` });
  await panel.getByLabel("Width of the preview").selectOption("phone");
  await expect(panel.locator("iframe")).toHaveCSS("width", "390px");
  await panel.getByLabel("Path in the application").fill("/?page=2");
  await panel.getByLabel("Path in the application").press("Enter");
  await expect(panel.locator("iframe")).toHaveAttribute("src", /path=%2F%3Fpage%3D2$/);
  await expect(shown).toHaveText("second words");
  // Loading the page again changes nothing of that.
  await page.reload();
  await expect(panel.getByLabel("Width of the preview")).toHaveValue("phone");
  await expect(panel.getByLabel("Path in the application")).toHaveValue("/?page=2");
  await expect(panel.locator("iframe")).toHaveAttribute("src", /path=%2F%3Fpage%3D2$/);
  await expect(shown).toHaveText("second words");
  await panel.getByRole("button", { name: "Back in the preview" }).click();
  await expect(panel.locator("iframe")).toHaveAttribute("src", /path=%2F$/);
  await panel.getByRole("button", { name: "Close the preview" }).click();
  await expect(panel).toBeHidden();

  // Whoever signs in here next does not find it open.
  await row.getByRole("button", { name: `Preview port ${port}` }).click();
  await expect(panel).toBeVisible();
  const workspace = page.url();
  await page.getByRole("button", { name: `Account of ${OWNER.name}` }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: `Account of ${OWNER.name}` })).toBeVisible();
  await page.goto(workspace);
  await expect(row).toBeVisible();
  await expect(panel).toBeHidden();
});

test("a development server with the marker as its base reloads hot by path", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "by path", "empty");
  const port = await freePort();
  await application(page);
  await serve(workbench, port, "--base /_atelier_/");
  const tab = await page.context().newPage();
  const sockets: string[] = [];
  tab.on("websocket", (socket) => sockets.push(socket.url()));
  await tab.goto(await entry(page, port, "path"));
  const shown = tab.locator("#out");
  await expect(shown).toHaveText("first words");
  expect(tab.url()).toContain(`${owner.url}/apps/`);
  const loaded = await shown.getAttribute("data-loaded");
  await write(page, "message.js", 'export const message = "second words";');
  await expect(shown).toHaveText("second words");
  expect(await shown.getAttribute("data-loaded")).toBe(loaded);
  for (const url of sockets) expect(url).toContain("/apps/");
  expect(sockets.length).toBeGreaterThan(0);
});
