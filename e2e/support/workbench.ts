import { expect, type Locator, type Page } from "@playwright/test";

/** A workspace open in the browser, in the words of its view. */
export class Workbench {
  readonly page: Page;
  readonly tree: Locator;
  readonly editor: Locator;

  constructor(page: Page) {
    this.page = page;
    this.tree = page.getByRole("tree", { name: "Files" });
    this.editor = page.locator(".monaco-editor").first();
  }

  /** Creates a workspace in the dashboard's dialog and opens it. */
  static async create(
    page: Page,
    name: string,
    source: { git: string } | "empty",
  ): Promise<Workbench> {
    await useReadableTerminals(page);
    await page.goto("/");
    await page.getByRole("button", { name: "New workspace" }).first().click();
    const dialog = page.getByRole("dialog", { name: "New workspace" });
    if (source === "empty") {
      await dialog.getByText("Empty", { exact: true }).first().click();
    } else {
      await dialog.getByText("Git repository", { exact: true }).first().click();
      await dialog.getByLabel("Repository address").fill(source.git);
    }
    await dialog.getByLabel("Name", { exact: true }).fill(name);
    await serverOnline(page);
    await dialog.getByRole("button", { name: "Create workspace" }).click();
    await page.getByRole("link", { name: `Open ${name}` }).click();
    const workbench = new Workbench(page);
    await workbench.ready();
    return workbench;
  }

  /** The tree and a terminal with a prompt are there. */
  async ready(): Promise<void> {
    await expect(this.tree).toBeVisible();
    await expect(this.terminalText()).toContainText("$");
  }

  item(name: string): Locator {
    return this.tree.getByRole("treeitem", { name, exact: false }).first();
  }

  terminalText(): Locator {
    return this.page.locator(".xterm-rows").first();
  }

  /** Types into the terminal that is shown. */
  async type(text: string): Promise<void> {
    await this.page.locator(".xterm-helper-textarea").first().focus();
    await this.page.keyboard.type(text);
  }

  /** Runs a command and waits for what it prints. */
  async run(command: string, prints: string | RegExp, patience: { timeout?: number } = {}): Promise<void> {
    await this.type(`${command}\n`);
    await expect(this.terminalText()).toContainText(prints, patience);
  }
}

/** Waits until there is a server that a workspace can be placed on. */
async function serverOnline(page: Page): Promise<void> {
  const get = async (route: string) => (await page.request.get(`/api/v1/${route}`)).json();
  const { memberships } = (await get("me")) as { memberships: { organization_id: string }[] };
  const route = `organizations/${memberships[0]?.organization_id}/nodes`;
  const states = async () =>
    ((await get(route)) as { items: { state: string }[] }).items.map(({ state }) => state);
  await expect.poll(states, { timeout: 60_000 }).toContain("online");
}

/** The DOM renderer's text can be read; the others paint pixels. */
export async function useReadableTerminals(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("atelier.terminal.renderer", "dom"));
}
