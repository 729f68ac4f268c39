import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, type Page } from "@playwright/test";
import { EditorBench } from "./editor";

/** Where this package's own servers are: a workspace sees them read-only. */
export const MODULES = path.join(fileURLToPath(new URL("..", import.meta.url)), "node_modules");

/** A workspace with a project whose language server is one of this package's. */
export class LanguageBench {
  readonly bench: EditorBench;
  readonly page: Page;

  private constructor(bench: EditorBench) {
    this.bench = bench;
    this.page = bench.page;
  }

  static async create(page: Page, files: Record<string, string>): Promise<LanguageBench> {
    const bench = await EditorBench.create(page, files);
    await bench.workbench.run(`ln -s ${MODULES} node_modules && echo LIN''KED`, "LINKED");
    return new LanguageBench(bench);
  }

  /** Opens a file, and waits until its server answers and is not busy: one that reads the project knows little. */
  async open(name: string, language: string): Promise<void> {
    await this.bench.open(name);
    await expect(this.page.getByRole("button", { name: `${language}: ready` })).toBeVisible({
      timeout: 240_000,
    });
  }

  /** Types a line at the end of the text that is shown. */
  async append(text: string): Promise<void> {
    await this.bench.group(0).locator(".view-lines").first().click();
    await this.page.keyboard.press("Control+End");
    await this.page.keyboard.type(text);
  }

  /** Takes the completion of that name. */
  async complete(name: string | RegExp, patience: { timeout?: number } = {}): Promise<void> {
    const row = this.page.locator(".suggest-widget .monaco-list-row").filter({ hasText: name }).first();
    await expect(row).toBeVisible(patience);
    await row.click();
  }

  /** Puts the cursor into a word of the text that is shown. */
  async goTo(line: number, column: number): Promise<void> {
    await this.bench.action("Go to line");
    const field = this.page.locator(".quick-input-widget input").first();
    await field.fill(`:${line}:${column}`);
    await field.press("Enter");
  }
}
