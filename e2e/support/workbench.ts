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

  /** Creates a workspace by the API, so that a test begins at its subject, and opens it. */
  static async create(
    page: Page,
    name: string,
    source: { git: string } | "empty",
  ): Promise<Workbench> {
    await useReadableTerminals(page);
    const organization = await organizationOf(page);
    await serverOnline(page, organization);
    const answer = await page.request.post(`/api/v1/${organization}/workspaces`, {
      data: {
        name,
        source:
          source === "empty"
            ? { kind: "template", template: "empty" }
            : { kind: "git", url: source.git },
      },
      headers: { "atelier-csrf": "1" },
    });
    if (!answer.ok()) throw new Error(`no workspace was made: ${await answer.text()}`);
    const { id } = (await answer.json()) as { id: string };
    await page.goto(`/workspaces/${id}`);
    return Workbench.#opened(page);
  }

  /** Creates a workspace in the dashboard's dialog, as a person does, and opens it. */
  static async createByHand(
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
    await serverOnline(page, await organizationOf(page));
    await dialog.getByRole("button", { name: "Create workspace" }).click();
    await page.getByRole("link", { name: `Open ${name}` }).click();
    return Workbench.#opened(page);
  }

  static async #opened(page: Page): Promise<Workbench> {
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

/** The route of the one that the page's person belongs to. */
async function organizationOf(page: Page): Promise<string> {
  const answer = await page.request.get("/api/v1/me");
  const { memberships } = (await answer.json()) as { memberships: { organization_id: string }[] };
  return `organizations/${memberships[0]?.organization_id}`;
}

/** Waits until there is a server that a workspace can be placed on. */
async function serverOnline(page: Page, organization: string): Promise<void> {
  const states = async () => {
    const answer = await page.request.get(`/api/v1/${organization}/nodes`);
    const { items } = (await answer.json()) as { items: { state: string }[] };
    return items.map(({ state }) => state);
  };
  await expect.poll(states, { timeout: 60_000 }).toContain("online");
}

/** The DOM renderer's text can be read; the others paint pixels. */
export async function useReadableTerminals(page: Page): Promise<void> {
  await page.addInitScript(() => localStorage.setItem("atelier.terminal.renderer", "dom"));
}
