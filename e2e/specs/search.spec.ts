import { setTimeout } from "node:timers/promises";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

const PROJECT = {
  "src/greet.ts": 'export function greet(name: string) {\n  return "hello " + name;\n}\n',
  "src/page/greeting-card.ts": 'import { greet } from "../greet";\n\nexport const card = greet("Ada");\n',
  "docs/notes.md": "# Notes\n\nNothing here says hello.\n",
  ".gitignore": "out/\n",
};

/** The search, in the words of its view. */
class Search {
  readonly query: Locator;
  readonly results: Locator;

  constructor(readonly page: Page) {
    const panel = page.getByRole("region", { name: "Search" });
    this.query = panel.getByRole("textbox", { name: "Search", exact: true });
    this.results = panel.getByRole("tree", { name: "Results" });
  }

  static async open(page: Page): Promise<Search> {
    await page.keyboard.press("Control+Shift+F");
    const search = new Search(page);
    await expect(search.query).toBeVisible();
    return search;
  }

  row(name: string | RegExp): Locator {
    return this.results.getByRole("treeitem", { name });
  }
}

async function openProject(page: Page, url: string): Promise<Workbench> {
  const workbench = await Workbench.create(page, "searched", { git: url });
  await workbench.run("mkdir greeter/out; echo hello > greeter/out/built; echo MA''DE", "MADE");
  return workbench;
}

test("text is found in files, opened at its place, replaced and brought back", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("greeter", PROJECT);
  const workbench = await openProject(page, url);
  const search = await Search.open(page);
  await search.query.fill("hello");
  await expect(page.getByText("2 matches in 2 files")).toBeVisible();
  await expect(search.row(/built/)).toHaveCount(0);

  // With the keyboard alone: down into the results, and the match is opened and selected.
  await search.query.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "greet.ts" })).toBeVisible();
  await expect(page.getByText("Ln 2, Col 16")).toBeVisible();

  // What is wrong with an expression is said below it.
  await page.getByRole("button", { name: "Regular expression" }).click();
  await search.query.fill("(hello");
  await expect(page.getByRole("alert").getByText(/unclosed group/)).toBeVisible();
  await search.query.fill(String.raw`(hel)lo`);
  await expect(page.getByText("2 matches in 2 files")).toBeVisible();

  // Each match shows what it would become.
  await page.getByRole("button", { name: "Replace too" }).click();
  await page.getByRole("textbox", { name: "Replace with" }).fill("$1icopter");
  await expect(search.results.getByText("helicopter")).toHaveCount(2);
  await page.getByRole("button", { name: "Replace all" }).click();
  const dialog = page.getByRole("alertdialog", { name: "Replace 2 matches?" });
  await dialog.getByRole("button", { name: "Replace", exact: true }).click();
  await expect(page.getByText("Replaced 2 matches in 2 files")).toBeVisible();
  await expect(workbench.editor).toContainText("helicopter");
  await workbench.run("clear; cat greeter/docs/notes.md", "says helicopter");

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("All is as it was before")).toBeVisible();
  await expect(workbench.editor).toContainText('"hello "');
  await workbench.run("clear; cat greeter/docs/notes.md", "says hello.");
});

test("a file is opened by a few letters of its path, at a line", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("greeter", PROJECT);
  await openProject(page, url);
  const files = page.getByRole("listbox", { name: "Files" });
  const open = async (text: string) => {
    // Keys belong to the terminal while it has the focus.
    await page.getByRole("region", { name: "Files" }).click({ position: { x: 5, y: 5 } });
    await page.keyboard.press("Control+P");
    await page.getByRole("combobox", { name: "Go to file" }).fill(text);
  };
  await open("grcard:3");
  await expect(files.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "greeting-card.ts" })).toBeVisible();
  await expect(page.getByText("Ln 3, Col 1")).toBeVisible();

  // Enter means what was typed, also while what fitted before is still shown.
  await open("");
  await expect(files.getByRole("option").nth(1)).toBeVisible();
  const names = "**/search/names";
  await page.route(names, async (route) => {
    await setTimeout(500);
    await route.continue();
  });
  await page.getByRole("combobox", { name: "Go to file" }).fill("notes");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "notes.md" })).toBeVisible();
  await page.unroute(names);

  // The one before comes first now.
  await open("");
  await expect(files.getByRole("option").first()).toContainText("greeting-card.ts");
  await expect(files.getByRole("option").first()).toContainText("recent");
});
