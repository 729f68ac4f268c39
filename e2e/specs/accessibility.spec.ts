import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { FilePanel } from "../support/files";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** The pages are looked at in each of them. */
const LOOKS = [
  { name: "light", theme: "light", language: "en", width: 1280 },
  { name: "dark", theme: "dark", language: "en", width: 1280 },
  { name: "Arabic", theme: "light", language: "ar", width: 1280 },
  { name: "Arabic, dark, on a phone", theme: "dark", language: "ar", width: 390 },
  { name: "on a phone", theme: "light", language: "en", width: 390 },
] as const;

/** What axe finds, a line each; nothing is best. */
async function violations(page: Page): Promise<string[]> {
  // Colours that are on their way from one value to another are nobody's choice.
  await page.waitForFunction(() => document.getAnimations().every(({ playState }) => playState !== "running"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const found = await axe.run({ resultTypes: ["violations"] });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`);
  });
}

/** What opens over a workspace, by its keys. */
const OVERLAYS = {
  palette: "F1",
  shortcuts: "Control+Shift+?",
  switcher: "Control+Shift+O",
  settings: "ControlOrMeta+,",
  "quick open": "ControlOrMeta+P",
};

/** A repository with a merge in its log, a stash, and a change that is not committed. */
const HISTORY = [
  "git init -qb main && git config user.name Ada && git config user.email ada@example.com",
  "echo one > story.txt && git add . && git commit -qm 'Begin the story'",
  "git switch -qc topic && echo two > more.txt && git add . && git commit -qm 'Tell more'",
  "git switch -q main && echo end >> story.txt && git commit -qam 'End it' && git merge -q topic -m 'Merge the rest'",
  "echo later >> more.txt && git stash -q && git tag v1 && echo maybe >> story.txt && echo HIST''ORY",
].join(" && ");

/** The actions that open Git's dialogs, by their titles. */
function gitActions(language: string): Record<string, string> {
  const file = new URL(`../../web/src/locales/${language}/git.json`, import.meta.url);
  const words = JSON.parse(readFileSync(file, "utf8"));
  return {
    branches: words.branches.title,
    stashes: words.stash.title,
    log: words.log.open,
    identity: words.identity.title,
    "what was run": words.runs.open,
  };
}

/** Shows the page that is open in a theme, a language and a width. */
async function wear(page: Page, { theme, language, width }: (typeof LOOKS)[number]): Promise<void> {
  await page.setViewportSize({ width, height: 844 });
  await page.evaluate(
    (look) => {
      localStorage.setItem("atelier.theme", look.theme);
      localStorage.setItem("atelier.language", look.language);
    },
    { theme, language },
  );
  await page.reload();
}

/** For a person to look at, where `ATELIER_PICTURES` names a folder. */
async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.ATELIER_PICTURES;
  if (folder) await page.screenshot({ path: `${folder}/${name.replace(/[^\w]+/g, "-")}.png` });
}

test("axe finds nothing on the pages before the sign-in", async ({ server, page }) => {
  await page.addInitScript(AXE);
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

/** Both themes, and a phone in the other direction; a minute each is what the rest would cost. */
const MAIN_LOOKS = LOOKS.filter(({ name }) => !["Arabic", "on a phone"].includes(name));
const PAGES = ["/", "/repositories", "/servers", "/jobs", "/members", "/audit", "/settings"];

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on the pages of an organization: ${look.name}`, async ({ owner, page }) => {
    await page.addInitScript(AXE);
    await page.goto(owner.url);
    await wear(page, look);
    const found: Record<string, string[]> = {};
    for (const path of PAGES) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
      found[path] = await violations(page);
      await picture(page, `${look.name}${path.replaceAll("/", " ")}`);
    }
    expect(Object.values(found).flat(), JSON.stringify(found, null, 2)).toEqual([]);
  });
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on a workspace and what opens over it: ${look.name}`, async ({
    owner,
    page,
  }) => {
    expect(owner.url).toBeTruthy();
    await page.addInitScript(AXE);
    const workbench = await Workbench.create(page, "looks", "empty");
    const files = new FilePanel(workbench);
    await files.write({ "readme.md": "# Words", "program.rs": "fn main() { println!(); }" });
    await files.row("program.rs").dblclick();
    await workbench.editor.waitFor();
    await wear(page, look);
    await page.getByRole("main").waitFor();
    await expect(page.locator(".xterm-rows, .monaco-editor").first()).toBeVisible();
    const found: Record<string, string[]> = {};
    const lookAt = async (what: string) => {
      found[what] = await violations(page);
      await picture(page, `${look.name} workspace ${what}`);
    };
    await lookAt("itself");
    for (const [what, keys] of Object.entries(OVERLAYS)) {
      await page.keyboard.press(keys);
      await page.getByRole("dialog").first().waitFor();
      await lookAt(what);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").first().waitFor({ state: "hidden" });
    }
    await page.keyboard.press("ControlOrMeta+Shift+F");
    await page.getByRole("textbox").first().waitFor();
    await lookAt("search");
    expect(Object.values(found).flat(), JSON.stringify(found, null, 2)).toEqual([]);
  });
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on Git: ${look.name}`, async ({ owner, page }) => {
    expect(owner.url).toBeTruthy();
    await page.addInitScript(AXE);
    const workbench = await Workbench.create(page, "looks", "empty");
    await workbench.run(HISTORY, "HISTORY");
    await wear(page, look);
    const found: Record<string, string[]> = {};
    const lookAt = async (what: string) => {
      found[what] = await violations(page);
      await picture(page, `${look.name} Git ${what}`);
    };
    // In the status bar: the repository is known.
    await page.getByText("main", { exact: true }).last().waitFor();
    await page.keyboard.press("ControlOrMeta+Shift+G");
    const change = page.getByRole("treeitem").filter({ hasText: "story.txt" });
    await expect(change).toBeVisible();
    await lookAt("itself");
    await change.click();
    await page.getByRole("dialog").first().waitFor();
    await lookAt("a change");
    await page.keyboard.press("Escape");
    for (const [what, title] of Object.entries(gitActions(look.language))) {
      await page.keyboard.press("F1");
      await page.locator("[cmdk-input]").fill(title);
      await page.keyboard.press("Enter");
      await page.locator("[cmdk-input]").waitFor({ state: "hidden" });
      await page.getByRole("dialog").first().waitFor();
      await page.waitForLoadState("networkidle");
      await lookAt(what);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").first().waitFor({ state: "hidden" });
    }
    expect(Object.values(found).flat(), JSON.stringify(found, null, 2)).toEqual([]);
  });
}
