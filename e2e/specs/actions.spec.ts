import { readFileSync } from "node:fs";
import type { Locator, Page } from "@playwright/test";
import { FilePanel } from "../support/files";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** Every action of a workspace with a file and a terminal open, as the palette shows it. */
const ACTIONS = readFileSync(new URL("actions.txt", import.meta.url), "utf8").trim().split("\n");

/** What a menu says in fewer words, since it stands where it is meant. */
const PLAINER: Record<string, string> = {
  Close: "Close tab",
  Name: "Sort files by name",
  Size: "Sort files by size",
  Time: "Sort files by time",
  Type: "Sort files by type",
};

/** The words of the entries of the menu that is open, without their keys. */
async function menu(page: Page, opener: Locator, button: "left" | "right"): Promise<string[]> {
  await opener.click({ button });
  const shown = page.getByRole("menu");
  await shown.waitFor();
  const entries = shown.locator("[role=menuitem], [role=menuitemcheckbox], [role=menuitemradio]");
  const words = await entries.evaluateAll((all) =>
    all.map((entry) => {
      const copy = entry.cloneNode(true) as HTMLElement;
      for (const keys of copy.querySelectorAll("kbd")) keys.remove();
      return copy.textContent?.trim() ?? "";
    }),
  );
  await page.keyboard.press("Escape");
  await shown.waitFor({ state: "hidden" });
  return words;
}

test("every action of a workspace stands in the palette", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "actions", "empty");
  const files = new FilePanel(workbench);
  await files.write({ "program.rs": "fn main() {}" });
  await files.row("program.rs").dblclick();
  await workbench.editor.waitFor();

  await page.keyboard.press("F1");
  const options = page.getByRole("dialog").getByRole("option");
  const titles = () =>
    options.evaluateAll((all) =>
      all.map((option) => option.querySelector("span, bdi")?.textContent ?? ""),
    );
  // The workspaces among them are asked for when the palette opens.
  await expect.poll(titles).toEqual(ACTIONS);
  await page.keyboard.press("Escape");

  // What a menu offers by mouse is there, too.
  const offered = [
    ...(await menu(page, files.row("program.rs"), "right")),
    ...(await menu(page, files.panel.getByRole("button", { name: "More" }), "left")),
    ...(await menu(page, page.getByRole("tab", { name: "program.rs" }), "right")),
    ...(await menu(page, page.getByRole("button", { name: "More actions for this terminal" }), "left")),
  ];
  const meant = offered.map((action) => PLAINER[action] ?? action);
  expect(meant.filter((action) => !ACTIONS.includes(action))).toEqual([]);
});
