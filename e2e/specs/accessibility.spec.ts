import { readFileSync } from "node:fs";
import { FilePanel } from "../support/files";
import { Gaze, LOOKS, MAIN_LOOKS, quiet, violations, watch, wear } from "../support/looks";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** What opens over a workspace, by its keys. */
const OVERLAYS = {
  palette: "F1",
  shortcuts: "Control+Shift+?",
  switcher: "Control+Shift+O",
  settings: "ControlOrMeta+,",
  "quick open": "ControlOrMeta+P",
};

/** What the action is called that opens VS Code's dialog. */
function manageVsCode(language: string): string {
  const file = new URL(`../../web/src/locales/${language}/vscode.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")).manage;
}

test("axe finds nothing on the pages before the sign-in", async ({ server, page }) => {
  await watch(page);
  await page.goto(server.setupLink);
  await page.getByRole("button", { name: "Create account" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await server.setUp();
  await page.goto("/sign-in");
  for (const look of LOOKS) {
    await wear(page, look);
    await page.locator("form button[type=submit]").waitFor();
    expect(await violations(page)).toEqual([]);
  }
});

const PAGES = ["/", "/repositories", "/servers", "/jobs", "/members", "/audit", "/settings"];
const SERVER_TABS = ["overview", "terminals", "files", "processes", "jobs", "workspaces", "events"];

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on the pages of an organization: ${look.name}`, async ({ owner, page }) => {
    await watch(page);
    await page.goto(owner.url);
    await wear(page, look);
    const gaze = new Gaze(page, look.name);
    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await quiet(page);
      await gaze.at(path);
    }
    // A server's own page.
    await page.goto("/servers");
    await page.getByRole("main").locator("a[href^='/servers/node_']").first().click();
    await page.locator("[data-tab]").first().waitFor();
    const server = new URL(page.url()).pathname;
    for (const tab of SERVER_TABS) {
      await page.goto(`${server}?tab=${tab}`);
      await page.locator(`[data-tab="${tab}"][aria-current]`).waitFor();
      await quiet(page);
      await gaze.at(`server ${tab}`);
    }
    gaze.nothing();
  });
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on a workspace and what opens over it: ${look.name}`, async ({
    owner,
    page,
  }) => {
    test.slow();
    expect(owner.url).toBeTruthy();
    await watch(page);
    const workbench = await Workbench.create(page, "looks", "empty");
    const files = new FilePanel(workbench);
    await files.write({ "readme.md": "# Words", "program.rs": "fn main() { println!(); }" });
    await files.row("program.rs").dblclick();
    await workbench.editor.waitFor();
    await wear(page, look);
    await page.getByRole("main").waitFor();
    await expect(page.locator(".xterm-rows, .monaco-editor").first()).toBeVisible();
    const gaze = new Gaze(page, `${look.name} workspace`);
    await gaze.at("itself");
    for (const [what, keys] of Object.entries(OVERLAYS)) {
      await page.keyboard.press(keys);
      await page.getByRole("dialog").first().waitFor();
      await gaze.at(what);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").first().waitFor({ state: "hidden" });
    }
    await page.keyboard.press("ControlOrMeta+Shift+F");
    await page.getByRole("textbox").first().waitFor();
    await gaze.at("search");
    await page.keyboard.press("F1");
    await page.locator("[cmdk-input]").fill(manageVsCode(look.language));
    await page.keyboard.press("Enter");
    await page.locator("[cmdk-input]").waitFor({ state: "hidden" });
    await page.getByRole("dialog").locator("dl").waitFor();
    await gaze.at("VS Code");
    gaze.nothing();
  });
}

