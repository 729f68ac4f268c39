import type { Page } from "@playwright/test";
import { EditorBench } from "../support/editor";
import { Gaze, MAIN_LOOKS, quiet, run, throughPalette, watch, wear, words } from "../support/looks";
import { freePort, workspaceOf } from "../support/ports";
import { expect, test } from "../support/test";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

const FILES = {
  "note.txt": "one\ntwo\nthree\nfour\nfive\n",
  "words.md": "# Words\n\n[A link](https://example.com), `code` and:\n\n- [ ] a task\n\n| a | b |\n| - | - |\n| 1 | 2 |\n",
  "dot.png": PIXEL,
  "data.bin": Buffer.from([0, 1, 2, 250, 251, 252, 0, 7]),
  "program.ts": "export function add(one: number, two: number) {\n  return one + two;\n}\n",
};

/** A page that is somebody else's, and in order. */
const SERVE = (port: number) =>
  `node -e 'require("http").createServer((q, s) => { s.setHeader("content-type", "text/html"); ` +
  `s.end("<!doctype html><html lang=en><title>App</title><main><h1>App</h1></main>"); }).listen(${port})' & echo STAR''TED`;

test.use({ actionTimeout: 40_000 });

function row(page: Page, path: string) {
  return page.locator(`[role=treeitem][data-path='${path}']`);
}

async function tree(page: Page): Promise<void> {
  await page.keyboard.press("ControlOrMeta+Shift+E");
  await row(page, "note.txt").waitFor();
}

async function open(page: Page, path: string): Promise<void> {
  await tree(page);
  await row(page, path).dblclick();
}

async function choose(page: Page, path: string, item: string): Promise<void> {
  await row(page, path).click({ button: "right" });
  await page.getByRole("menuitem").filter({ hasText: item }).first().click();
  await page.getByRole("menu").waitFor({ state: "hidden" });
}

/** The tree: its menus, questions, and an upload that waits for an answer. */
async function atFiles(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { conflict, menu, upload } = words("files", language);
  const dialog = page.locator("[role=dialog], [role=alertdialog]");
  await tree(page);
  await row(page, "words.md").click({ button: "right" });
  await gaze.atMenu("menu of a file");
  await row(page, "sub").click({ button: "right" });
  await gaze.atMenu("menu of a folder");
  await gaze.atMenus("files", 2);
  await choose(page, "note.txt", menu.copy);
  await choose(page, "sub", menu.paste);
  await dialog.getByRole("button", { name: conflict.skip }).waitFor();
  await gaze.at("name taken");
  await gaze.close();
  await choose(page, "data.bin", menu.deleteForGood);
  await dialog.waitFor();
  await gaze.at("delete for good");
  await gaze.close();
  const chooser = page.locator("input[type=file]").first();
  await chooser.setInputFiles({ name: "note.txt", mimeType: "text/plain", buffer: PIXEL });
  const strip = page.getByRole("region", { name: upload.region, exact: true });
  await strip.getByRole("alert").waitFor();
  await strip.getByRole("button", { name: upload.showFiles }).click();
  await strip.getByRole("list").waitFor();
  await gaze.at("upload with a conflict");
  await strip.getByRole("button", { name: conflict.skip }).click();
  await strip.getByRole("alert").waitFor({ state: "hidden" });
  await choose(page, "words.md", words("workbench", language).files.rename);
  await page.locator("[role=tree] input").waitFor();
  await gaze.at("new name");
  await page.keyboard.press("Escape");
}

/** The ways to look at a file, and what an editor asks. */
async function atEditor(page: Page, gaze: Gaze, bench: EditorBench, language: string): Promise<void> {
  const editor = words("editor", language);
  const workbench = words("workbench", language);
  await open(page, "dot.png");
  await page.locator("img[src^='blob:']:visible, main img:visible").first().waitFor();
  await gaze.at("picture");
  await open(page, "data.bin");
  await page.getByText("fa fb fc", { exact: false }).or(page.getByText("fa", { exact: true })).first().waitFor();
  await gaze.at("bytes");
  await open(page, "words.md");
  await page.locator(".monaco-editor:visible .view-line").first().waitFor();
  await run(page, editor.markdown.open);
  await page.getByRole("heading", { name: "Words" }).waitFor();
  await gaze.at("Markdown");
  await run(page, workbench.editor.closeTab);
  await open(page, "note.txt");
  const text = page.locator(".monaco-editor:visible").first();
  await expect(text).toContainText("five");
  await page.locator("[data-tab-key]:visible").first().click({ button: "right" });
  await gaze.atMenu("menu of a tab");
  for (const what of ["language", "encodingReopen", "lineEnding", "indentation"] as const) {
    await throughPalette(page, editor.picker[what], () => gaze.at(`list of ${what}`));
  }
  await text.locator(".view-lines").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("MINE ");
  await bench.write("note.txt", FILES["note.txt"].replace("one", "THEIRS"));
  await page.getByText(workbench.editor.conflict).waitFor();
  await gaze.at("changed on disk");
  const { merge } = editor;
  await throughPalette(page, merge.open, async () => {
    await gaze.at("merge");
    const dialog = page.getByRole("dialog").last();
    await dialog.getByRole("button", { name: merge.take.mine, exact: true }).first().click();
    await dialog.getByRole("button", { name: merge.later }).click();
    await page.getByRole("alertdialog").waitFor();
    await gaze.at("leave a merge");
    await page.getByRole("button", { name: merge.leave.action, exact: true }).click();
  });
  await throughPalette(page, workbench.editor.closeTab, () => gaze.at("close without saving"));
}

/** What stands beside the editor. */
async function atViews(page: Page, gaze: Gaze, language: string): Promise<void> {
  const search = words("search", language);
  const ports = words("ports", language);
  const { showView } = words("layout", language);
  await page.keyboard.press("ControlOrMeta+Shift+F");
  await page.getByRole("textbox", { name: search.field.query, exact: true }).fill("two");
  await page.getByRole("treeitem").filter({ hasText: "note.txt" }).first().waitFor();
  await gaze.at("search with results");
  await run(page, search.command.replace);
  await page.getByRole("textbox", { name: search.field.replacement, exact: true }).fill("deux");
  await gaze.at("replace");
  await run(page, showView.replace("{{view}}", ports.panel));
  await page.getByRole("main").getByRole("listitem").first().waitFor();
  await gaze.at("ports");
  await run(page, ports.command.preview);
  await page.locator("iframe").first().waitFor();
  await gaze.at("preview");
  await run(page, ports.command.close);
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on menus, uploads and what a workspace asks: ${look.name}`, async ({
    owner,
    page,
    browser,
  }) => {
    test.slow();
    await watch(page);
    const bench = await EditorBench.create(page, FILES);
    const serve = SERVE(await freePort());
    await bench.workbench.run(`mkdir sub; cp note.txt sub; ${serve}; sh -c 'exit 3'`, "STARTED");
    await bench.action("Switch autosave off");
    await wear(page, look);
    const gaze = new Gaze(page, `${look.name} work`);
    await atFiles(page, gaze, look.language);
    await atEditor(page, gaze, bench, look.language);
    await atViews(page, gaze, look.language);

    const terminals = words("terminals", look.language);
    await run(page, words("layout", look.language).focusTerminal);
    await page.locator(".xterm:visible").first().waitFor();
    await page.getByRole("button", { name: terminals.menu.more }).first().click();
    await gaze.atMenu("menu of a terminal");
    await page.locator(".terminal-mark:visible").first().click();
    await gaze.atMenu("menu of a command");
    // A shell waits for Enter by itself; what `cat` is given it has.
    await bench.workbench.run("echo RE''ADY; cat", "READY");
    await page.locator(".xterm-helper-textarea").first().evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "echo one\necho two\n");
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await page.getByRole("dialog").getByRole("button", { name: terminals.paste.go }).waitFor();
    await gaze.at("paste");
    await gaze.close();

    // What a link leads to, for somebody without an account.
    const workspace = `/api/v1/workspaces/${workspaceOf(page)}`;
    const headers = { "atelier-csrf": "1", origin: owner.url };
    const list = await page.request.get(`${workspace}/terminals`);
    const [terminal] = ((await list.json()) as { items: { id: string }[] }).items;
    const made = await page.request.post(`${workspace}/terminals/${terminal?.id}/shares`, {
      data: { access: "write", expires_in_s: 3600 },
      headers,
    });
    const share = (await made.json()) as { path: string; id?: string };
    const guest = await (await browser.newContext({ locale: "en-US" })).newPage();
    await watch(guest);
    await guest.goto(`${owner.url}/share/anything`);
    await wear(guest, look);
    await guest.getByRole("heading", { name: terminals.shared.unknown }).waitFor();
    const guests = new Gaze(guest, `${look.name} share`);
    await guests.at("no link");
    await guest.goto(`${owner.url}${share.path}`);
    await guest.getByLabel(terminals.shared.name).fill("Eve");
    await guests.at("greeting");
    await guest.getByRole("button", { name: terminals.shared.enter }).click();
    await guest.locator(".xterm").waitFor();
    await quiet(guest);
    await guests.at("terminal");
    guests.nothing();
    gaze.nothing();
  });
}
