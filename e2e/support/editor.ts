import { expect, type Locator, type Page } from "@playwright/test";
import { Workbench } from "./workbench";

/** A workspace whose files are written by its API, so that a test begins at its subject. */
export class EditorBench {
  readonly workbench: Workbench;
  readonly page: Page;

  constructor(workbench: Workbench) {
    this.workbench = workbench;
    this.page = workbench.page;
  }

  static async create(page: Page, files: Record<string, string | Buffer>): Promise<EditorBench> {
    const bench = new EditorBench(await Workbench.create(page, "editing", "empty"));
    for (const [path, content] of Object.entries(files)) await bench.write(path, content);
    // The tree hears of them by itself; a test that clicks must not meet it half way.
    const shown = Object.keys(files).filter((path) => !path.startsWith("."));
    for (const path of shown) await expect(bench.workbench.item(path)).toBeVisible();
    return bench;
  }

  /** Opens a file from the tree, to stay. */
  async open(name: string): Promise<void> {
    await this.workbench.item(name).dblclick();
  }

  /** Writes a file as another program would. */
  async write(path: string, content: string | Buffer): Promise<void> {
    const url = this.#contentUrl(path);
    const put = (condition: Record<string, string>) =>
      this.page.request.put(url, {
        data: Buffer.from(content),
        headers: { ...condition, "atelier-csrf": "1", "content-type": "application/octet-stream" },
      });
    const replaced = await put({ "if-match": "*" });
    const answer = replaced.ok() ? replaced : await put({ "if-none-match": "*" });
    if (!answer.ok()) throw new Error(`${path} was not written: ${await answer.text()}`);
  }

  /** The bytes on disk. */
  async read(path: string): Promise<Buffer> {
    const answer = await this.page.request.get(this.#contentUrl(path));
    return answer.body();
  }

  /** The group that stands at that place in reading order. */
  group(index: number): Locator {
    return this.page.getByRole("region", { name: /^Editor group/ }).nth(index);
  }

  tab(name: string | RegExp): Locator {
    return this.page.getByRole("tab", { name });
  }

  /** Runs an action by its name in the palette. */
  async action(title: string): Promise<void> {
    await this.page.getByRole("button", { name: /^Search actions/ }).click();
    const palette = this.page.getByRole("dialog");
    await palette.getByRole("combobox").fill(title);
    await palette.getByRole("option", { name: title }).first().click();
  }

  /** Types into the text that is shown, from its beginning on. */
  async type(text: string, group = 0): Promise<void> {
    await this.group(group).locator(".view-lines").first().click();
    await this.page.keyboard.press("Control+Home");
    await this.page.keyboard.type(text);
  }

  /** Saves the text that the first group shows. */
  async save(): Promise<void> {
    await this.group(0).locator(".view-lines").first().click();
    await this.page.keyboard.press("Control+S");
  }

  #contentUrl(path: string): string {
    const workspace = /workspaces\/(ws_\w+)/.exec(this.page.url())?.[1];
    return `/api/v1/workspaces/${workspace}/files/content?path=${encodeURIComponent(path)}`;
  }
}
