// Takes pictures of every page in both themes, in Arabic and at phone width, and runs axe on each.
// `node dev/screenshots.mjs OUT_DIR [BASE_URL] [part of a name]`; build first, and run the mock.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const [out = "/tmp/atelier-shots", base = "http://127.0.0.1:5199", only = ""] =
  process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
mkdirSync(out, { recursive: true });

const LOOKS = [
  { name: "light", theme: "light", language: "en", width: 1280 },
  { name: "dark", theme: "dark", language: "en", width: 1280 },
  { name: "arabic", theme: "light", language: "ar", width: 1280 },
  { name: "arabic-dark-phone", theme: "dark", language: "ar", width: 390 },
  { name: "phone", theme: "light", language: "en", width: 390 },
];

const PAGES = [
  ["dashboard", "/"],
  ["deleted", "/?view=deleted"],
  ["filter-none", "/?q=nothing-like-this"],
  ["create-template", "/?create=true"],
  [
    "create-git",
    "/?create=true",
    (page) => page.locator('input[name="kind"][value="git"]').check({ force: true }),
  ],
  ["more-menu", "/", (page) => page.locator("article button[aria-haspopup]").first().click()],
  [
    "palette",
    "/",
    async (page) => {
      await page.keyboard.press("Control+k");
      await page.waitForSelector("[cmdk-item]");
    },
  ],
  ["person-menu", "/", (page) => page.locator("header button[aria-haspopup]").click()],
  [
    "workspace",
    "/workspaces/ws_payments",
    async (page) => {
      await press(sheet(page, 0));
      await openFile(page, ["hello", "src", "server.rs"]);
    },
  ],
  [
    "workspace-files",
    "/workspaces/ws_payments",
    async (page) => {
      await press(sheet(page, 0));
      await openFile(page, ["hello"]);
      await page.getByRole("treeitem").first().click({ button: "right" });
      await page.waitForSelector("[role=menu]");
    },
  ],
  [
    "workspace-terminal",
    "/workspaces/ws_payments",
    async (page) => {
      await press(sheet(page, 2));
      await page.waitForSelector(".xterm");
    },
  ],
  [
    "workspace-right",
    "/workspaces/ws_payments",
    async (page) => {
      await page.waitForSelector("[role=treeitem]");
      await palette(page, "layout.terminalPosition");
      await press(sheet(page, 1));
    },
  ],
  ["workspace-zen", "/workspaces/ws_payments", (page) => page.keyboard.press("Shift+F11")],
  [
    "workspace-switcher",
    "/workspaces/ws_payments",
    async (page) => {
      await page.waitForSelector("[role=treeitem]");
      await page.keyboard.press("Control+Shift+O");
      await page.waitForSelector("[cmdk-item]");
    },
  ],
  [
    "workspace-settings",
    "/workspaces/ws_payments",
    async (page) => {
      await page.waitForSelector("[role=treeitem]");
      await page.keyboard.press("Control+,");
      await page.waitForSelector("[role=dialog]");
    },
  ],
  [
    "shortcuts",
    "/workspaces/ws_payments",
    async (page) => {
      await page.waitForSelector("[role=treeitem]");
      await page.keyboard.press("Control+Shift+?");
      await page.waitForSelector("[role=dialog] li");
      await page.locator("[role=dialog] li button").first().click();
      await page.keyboard.press("Control+j");
    },
  ],
  ["workspace-offline", "/workspaces/ws_offline"],
  ["servers", "/servers"],
  ["servers-none", "/servers?q=no-such-server"],
  ["servers-label", "/servers?label=gpu"],
  [
    "servers-menu",
    "/servers",
    (page) => page.locator("tbody button[aria-haspopup]").nth(1).click(),
  ],
  ["server-add", "/servers?add=true"],
  [
    "server-join",
    "/servers?add=true",
    async (page) => {
      await page.locator("[role=dialog] button[type=submit]").click();
      await page.waitForSelector("[role=dialog] textarea[readonly]");
    },
  ],
  ["server", "/servers/node_oslo"],
  ["server-offline", "/servers/node_berlin"],
  ["server-charts", "/servers/node_oslo?range=24h", charts],
  ["server-charts-now", "/servers/node_oslo?range=15m", charts],
  [
    "server-terminals",
    "/servers/node_oslo?tab=terminals",
    async (page) => {
      await page.locator("main button:has(svg.lucide-plus)").first().click();
      await page.locator(".xterm:visible").waitFor();
    },
  ],
  [
    "server-remove",
    "/servers/node_oslo",
    async (page) => {
      await page.locator("header button[aria-haspopup]").last().click();
      await page.getByRole("menuitem").last().click();
    },
  ],
  ["server-jobs", "/servers/node_oslo?tab=jobs"],
  ["jobs", "/jobs"],
  ["jobs-none", "/jobs?state=awaiting_approval&schedule=sched_none"],
  ["job", "/jobs/nodejob_one"],
  [
    "job-rolling",
    "/jobs/nodejob_roll",
    async (page) => {
      await page.locator("li button[aria-expanded]").nth(1).click();
      await page.getByRole("log").waitFor();
    },
  ],
  ["job-approval", "/jobs/nodejob_ask"],
  ["job-create", "/jobs?add=true"],
  ["schedules", "/jobs?tab=schedules"],
  ["schedule-create", "/jobs?tab=schedules&add=true"],
  ["members", "/members"],
  ["member-create", "/members", (page) => page.locator("main button").first().click()],
  ["audit", "/audit"],
  ["settings", "/settings"],
  ["not-found", "/no/such/page"],
  ["sign-in", "/sign-in"],
  ["setup", "/setup#token=abc"],
];

/** Waits for the charts, and brings them into sight. */
async function charts(page) {
  await page.locator(".uplot").nth(5).waitFor();
  await page.locator("#telemetry-title").evaluate((title) => title.scrollIntoView());
  if (page.viewportSize().width > 500) await page.setViewportSize({ width: 1280, height: 1800 });
}

/** Clicks it where it is to be seen: phones have buttons that desks lack. */
async function press(locator) {
  if (await locator.isVisible()) await locator.click();
}

/** Runs an action of the palette by its id, which is the same in every language. */
async function palette(page, id) {
  await page.keyboard.press("F1");
  await page.locator(`[cmdk-item][data-value="${id}"]`).click();
}

/** A phone's way to one of the panels. */
function sheet(page, index) {
  return page.locator("main ~ nav button").nth(index);
}

/** Opens folders and then a file in the tree, and waits for the text. */
async function openFile(page, names) {
  for (const name of names) {
    const item = page.getByRole("treeitem", { name, exact: true });
    await item.waitFor();
    if ((await item.getAttribute("aria-expanded")) !== "true") await item.click();
  }
  if (names.at(-1).includes(".")) await page.waitForSelector(".view-line");
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
  ],
});

let problems = 0;
for (const look of LOOKS) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width < 500 ? 844 : 800 },
    reducedMotion: "reduce",
    // Lets axe in; the page's own policy is checked by the browser tests.
    bypassCSP: true,
  });
  await context.addInitScript(({ theme, language }) => {
    localStorage.setItem("atelier.theme", theme);
    localStorage.setItem("atelier.language", language);
  }, look);
  for (const [name, url, act] of PAGES.filter(([name]) => name.includes(only))) {
    const page = await context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error")
        console.log(`${name} ${look.name} console: ${message.text()}`);
    });
    page.on("pageerror", (error) => console.log(`${name} ${look.name} error: ${error.message}`));
    await page.goto(base + url);
    // Pages keep a WebSocket open, so "network idle" is only the answers of the first reads.
    await page.waitForLoadState("networkidle");
    await page.evaluate(() => document.fonts.ready);
    if (act) {
      await act(page).catch((error) =>
        console.log(`${name} ${look.name}: ${error.message.split("\n")[0]}`),
      );
      await page.waitForLoadState("networkidle");
    }
    await page.screenshot({ path: path.join(out, `${name}.${look.name}.png`) });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() =>
      window.axe.run({
        // Menus and toasts stand outside the landmarks on purpose.
        rules: { region: { enabled: false } },
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"],
      }),
    );
    for (const violation of violations) {
      problems += 1;
      console.log(
        `${name} ${look.name} axe ${violation.id}: ${violation.nodes.length} × ${violation.nodes[0].html.slice(0, 160)} — ${violation.nodes[0].failureSummary.split("\n").slice(1).join(" ").slice(0, 200)}`,
      );
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    if (wide) console.log(`${name} ${look.name}: the page scrolls sideways`);
    await page.close();
  }
  await context.close();
}
await browser.close();
console.log(`${problems} axe findings; pictures in ${out}`);
