/**
 * Eight hours of use, compressed in time: what a person does every ten minutes or so (opens and edits files, looks for
 * text, runs commands, opens and closes a terminal, changes the panel), fifty times in a row. After the first ten the
 * page's memory, its listeners and its nodes must stay as they are. Started as `daily.bench.ts` is.
 */
import type { CDPSession } from "@playwright/test";
import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";

const WARM_UP = 10;
const ROUNDS = 50;
const FILES = 12;

interface Seen {
  megabytes: number;
  listeners: number;
  nodes: number;
}

/** What the page holds after its garbage was collected. */
async function look(session: CDPSession): Promise<Seen> {
  for (let time = 0; time < 3; time += 1) await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const metric = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return {
    megabytes: metric("JSHeapUsedSize") / 2 ** 20,
    listeners: metric("JSEventListeners"),
    nodes: metric("Nodes"),
  };
}

test("eight hours of use", async ({ owner, page }) => {
  test.setTimeout(1_200_000);
  expect(owner.url).toBeTruthy();
  const line = "export const answer = (a: number, b: string) => a + b.length; // says hello\n";
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, n) => [`file${n}.ts`, `// file ${n}\n${line.repeat(400)}`]),
  );
  const bench = await EditorBench.create(page, files);
  const { workbench } = bench;
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");

  const round = async (number: number) => {
    for (const step of [0, 1, 2]) {
      const name = `file${(number * 3 + step) % FILES}.ts`;
      await bench.open(name);
      await expect(page.getByRole("tab", { name })).toHaveAttribute("aria-selected", "true");
      await expect(workbench.editor).toContainText("says hello");
    }
    await bench.type(`// round ${number}\n`);
    await bench.save();
    await expect(page.getByRole("tab", { name: /unsaved/i })).toHaveCount(0);

    await page.keyboard.press("Control+Shift+F");
    const panel = page.getByRole("region", { name: "Search" });
    const query = panel.getByRole("textbox", { name: "Search", exact: true });
    await query.fill(`round ${number}`);
    await expect(panel.getByRole("tree", { name: "Results" }).getByRole("treeitem").first()).toBeVisible();
    await query.fill("");
    await page.getByRole("button", { name: "Git", exact: true }).click();
    await page.getByRole("button", { name: "Files", exact: true }).click();
    await expect(workbench.tree).toBeVisible();

    await workbench.run(`clear; seq 300; echo DO''NE-${number}`, `DONE-${number}`);
    await bench.action("New terminal");
    await expect(page.getByRole("tab", { name: /^Terminal / })).toHaveCount(2);
    await expect(page.locator(".xterm-rows").last()).toContainText("$");
    await bench.action("Close terminal");
    await page.getByRole("alertdialog").getByRole("button", { name: "End and close" }).click();
    await expect(page.getByRole("tab", { name: /^Terminal / })).toHaveCount(1);
    await bench.action("Close other tabs");
  };

  // xterm.js keeps as many lines as its scrollback may have, also of what was cleared: a warm one has its share.
  await workbench.run("seq 25000; clear; echo FIL''LED", "FILLED");
  let warm: Seen | undefined;
  for (let number = 1; number <= ROUNDS; number += 1) {
    await round(number);
    if (number === WARM_UP) warm = await look(session);
  }
  const end = await look(session);
  if (!warm) throw new Error("the warm-up was not looked at");
  const growth = (end.megabytes / warm.megabytes - 1) * 100;
  process.stdout.write(
    `eight hours of use: ${warm.megabytes.toFixed(1)} → ${end.megabytes.toFixed(1)} MiB (${growth.toFixed(1)} %, < 10 %), ` +
      `listeners ${warm.listeners} → ${end.listeners}, nodes ${warm.nodes} → ${end.nodes}\n`,
  );
  expect(growth).toBeLessThan(10);
  expect(end.listeners).toBeLessThan(warm.listeners * 1.1);
});
