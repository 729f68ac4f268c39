/**
 * How long it takes from a click until VS Code's workbench shows the files: through Atelier, and beside it the
 * same code-server alone, on a port of this machine. Both run already; each look is a browser's first, which
 * has nothing cached. Started as `daily.bench.ts` is; `node vscode/install.mjs ../target/vscode` goes before.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "@playwright/test";
import { freePort } from "../support/ports";
import { waitFor } from "../support/processes";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

const INSTALLED = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../../target/vscode");
const PROGRAM = path.join(INSTALLED, "node_modules/.bin/code-server");
const ROUNDS = 7;
/** How much longer it may take through Atelier, in milliseconds. */
const BOUND = 300;

test.use({ environment: { ATELIER_NODE_READ_ONLY_PATHS: JSON.stringify([INSTALLED]) } });

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The workbench takes clicks: its tree shows a file of the folder. */
async function usable(page: Page): Promise<void> {
  const rows = page.locator(".explorer-folders-view .monaco-list-row");
  await rows.filter({ hasText: "notes.txt" }).waitFor({ timeout: 60_000 });
}

/** From a link on a page to the workbench in another tab, in milliseconds. */
async function alone(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.setContent(`<a href="${url}" target="_blank">Open</a>`);
  const opened = context.waitForEvent("page");
  const began = performance.now();
  await page.getByRole("link").click();
  await usable(await opened);
  const took = performance.now() - began;
  await context.close();
  return took;
}

test("VS Code, from the click to its files", async ({ owner, page, browser }) => {
  test.setTimeout(600_000);
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "benchmark", "empty");
  await workbench.run(
    `mkdir -p ~/.local/bin && ln -sf ${PROGRAM} ~/.local/bin/ && echo first > notes.txt && echo RE''ADY`,
    "READY",
  );

  const folder = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  writeFileSync(path.join(folder, "notes.txt"), "first\n");
  const port = await freePort();
  const data = mkdtempSync(path.join(tmpdir(), "atelier-bench-"));
  const places = ["--user-data-dir", data, "--extensions-dir", path.join(data, "extensions")];
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"];
  const child = spawn(
    PROGRAM,
    [
      "--bind-addr",
      `127.0.0.1:${port}`,
      "--auth",
      "none",
      ...places,
      ...quiet,
      "--disable-getting-started-override",
      folder,
    ],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}/`;
  await waitFor("code-server answers", async () => {
    const answer = await fetch(url).catch(() => undefined);
    return answer?.ok === true;
  });

  const state = await page.context().storageState();
  const through = async () => {
    const context = await browser.newContext({ storageState: state });
    const own = await context.newPage();
    await own.goto(page.url());
    await own.getByRole("button", { name: "Ports", exact: true }).click();
    const button = own.getByRole("button", { name: "Open in VS Code" });
    await button.waitFor();
    const opened = context.waitForEvent("page");
    const began = performance.now();
    await button.click();
    await usable(await opened);
    const took = performance.now() - began;
    await context.close();
    return took;
  };
  // Both have been opened once.
  await Promise.all([through(), alone(browser, url)]);
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    theirs.push(await alone(browser, url));
    ours.push(await through());
  }
  child.kill();
  const more = median(ours) - median(theirs);
  process.stdout.write(
    `VS Code, click → files shown: ${median(ours).toFixed(0)} ms through Atelier, ${median(theirs).toFixed(0)} ms alone; ` +
      `${more.toFixed(0)} ms more (≤ ${BOUND} ms)\n`,
  );
  expect(more).toBeLessThanOrEqual(BOUND);
});
