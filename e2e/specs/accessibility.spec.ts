import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";

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

test("axe finds nothing on the pages before the sign-in", async ({ server, page }) => {
  await page.addInitScript(AXE);
  await page.goto(server.setupLink);
  await page.getByRole("button", { name: "Create account" }).waitFor();
  expect(await violations(page)).toEqual([]);
  await server.setUp();
  for (const { theme, language, width } of LOOKS) {
    await page.setViewportSize({ width, height: 844 });
    await page.goto("/sign-in");
    await page.evaluate(
      (look) => {
        localStorage.setItem("atelier.theme", look.theme);
        localStorage.setItem("atelier.language", look.language);
      },
      { theme, language },
    );
    await page.reload();
    await page.locator("form button[type=submit]").waitFor();
    expect(await violations(page)).toEqual([]);
  }
});
