import { expect, type Locator, type Page } from "@playwright/test";
import type { Workbench } from "./workbench";

/** The file panel of a workbench, in the words of its view. */
export class FilePanel {
  readonly page: Page;
  readonly panel: Locator;
  readonly tree: Locator;

  constructor(private readonly workbench: Workbench) {
    this.page = workbench.page;
    this.panel = this.page.getByRole("region", { name: "Files", exact: true });
    this.tree = workbench.tree;
  }

  /** The row of exactly this name. */
  row(name: string): Locator {
    return this.tree.getByRole("treeitem", { name, exact: true });
  }

  /** The row at a path: several folders may hold one name, and do while an entry moves. */
  entry(path: string): Locator {
    return this.tree.locator(`[role="treeitem"][data-path=${JSON.stringify(path)}]`);
  }

  /** Chooses in the menu of a row. */
  async choose(name: string, item: string | RegExp): Promise<void> {
    await this.row(name).click({ button: "right" });
    await this.page.getByRole("menuitem", { name: item }).click();
  }

  /** Makes a folder at the top by the panel's button. */
  async makeFolder(name: string): Promise<void> {
    await this.panel.getByRole("button", { name: "New folder" }).click();
    const field = this.page.getByRole("textbox", { name: "Name of the new folder" });
    await field.fill(name);
    await field.press("Enter");
    await expect(this.row(name)).toBeVisible();
  }

  /** The hidden field behind the browser's own dialog. */
  chooser(what: "files" | "folder" = "files"): Locator {
    const label = what === "files" ? "Upload files" : "Upload folder";
    return this.panel.locator(`input[type="file"][aria-label="${label}"]`);
  }

  /** Puts files beside each other, as a program does, and waits until they are seen. */
  async write(files: Record<string, string>): Promise<void> {
    const commands = Object.entries(files).map(
      ([name, content]) => `printf '%s' '${content}' > '/workspace/${name}'`,
    );
    await this.workbench.run(`${commands.join("; ")}; clear; echo WRO''TE`, "WROTE");
    for (const name of Object.keys(files)) await expect(this.entry(name)).toBeVisible();
  }

  /** What the workspace's disk holds at a path, through the API. */
  async content(path: string): Promise<string> {
    const id = /workspaces\/([^/?]+)/.exec(this.page.url())?.[1];
    const url = `/api/v1/workspaces/${id}/files/content?${new URLSearchParams({ path })}`;
    const answer = await this.page.request.get(url);
    return answer.ok() ? answer.text() : `(${answer.status()})`;
  }
}
