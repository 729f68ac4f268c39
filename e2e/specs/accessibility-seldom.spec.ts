import type { Page } from "@playwright/test";
import { PDF } from "../support/documents";
import type { EditorBench } from "../support/editor";
import { LanguageBench, MODULES } from "../support/languages";
import { Gaze, MAIN_LOOKS, throughPalette, watch, wear, words } from "../support/looks";
import { expect, test } from "../support/test";

test.use({
  actionTimeout: 40_000,
  environment: { ATELIER_NODE_READ_ONLY_PATHS: JSON.stringify([MODULES]) },
});

/** A tenth of a second of silence. */
function sound(): Buffer {
  const samples = 800;
  const wav = Buffer.alloc(44 + samples, 128);
  wav.write("RIFF", 0);
  wav.writeUInt32LE(36 + samples, 4);
  wav.write("WAVEfmt ", 8);
  wav.writeUInt32LE(16, 16);
  wav.writeUInt16LE(1, 20);
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(8000, 24);
  wav.writeUInt32LE(8000, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write("data", 36);
  wav.writeUInt32LE(samples, 40);
  return wav;
}

const FILES = {
  "main.ts": `const wrong: number = "text";
function one() {
  return two();
}
export function two() {
  return one();
}
`,
  "tsconfig.json": '{ "compilerOptions": { "strict": true, "types": [] }, "include": ["*.ts"] }\n',
  "note.txt": "one\ntwo\nthree\n",
};

const COMMANDS = [
  "seq -f 'line %.0f of a large file' 1000000 > big.log",
  "printf 'node_modules\\nbig.log\\n' > .gitignore",
  "git init -qb main . && git config user.name Ada && git config user.email ada@example.com",
  "git add . && git commit -qm 'First words' && printf 'one\\n2\\nthree\\n' > note.txt && git commit -qam Second",
  "echo four >> note.txt && echo REA''DY",
].join(" && ");

/** An action by its title. */
async function run(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.locator("[cmdk-input]").fill(title);
  await page.keyboard.press("Enter");
  await page.locator("[cmdk-input]").waitFor({ state: "hidden" });
}

async function open(page: Page, path: string): Promise<void> {
  await page.keyboard.press("ControlOrMeta+Shift+E");
  await page.locator(`[role=treeitem][data-path='${path}']`).dblclick();
}

/** What is shown that is no text to edit. */
async function atFiles(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { diff, large, pdf } = words("editor", language);
  await open(page, "paper.pdf");
  await page.getByRole("figure", { name: pdf.page.replace("{{number}}", "1") }).waitFor();
  await gaze.at("PDF");
  await open(page, "sound.wav");
  await page.locator("audio").waitFor();
  await gaze.at("sound");
  await open(page, "broken.mp4");
  await page.getByRole("main").getByRole("alert").waitFor();
  await gaze.at("video that cannot be played");
  await open(page, "film.webm");
  const film = page.locator("video");
  await expect.poll(() => film.evaluate((shown: HTMLVideoElement) => shown.videoWidth)).toBe(160);
  await gaze.at("video");
  await open(page, "big.log");
  const content = page.locator("[role=document]:visible");
  await expect(content).toContainText("line 1 of a large file");
  await page.getByLabel(large.find, { exact: true }).fill("line 7 of");
  await page.keyboard.press("Enter");
  await content.locator("mark").waitFor();
  await gaze.at("large text");
  await page.getByRole("button", { name: large.asHex }).click();
  await expect(content).toContainText("6c 69 6e 65");
  await gaze.at("large bytes");
  await open(page, "note.txt");
  const text = page.locator(".monaco-editor:visible").first();
  await expect(text).toContainText("four");
  await text.locator(".view-lines").click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("unsaved ");
  await run(page, diff.withSaved);
  await page.locator(".monaco-diff-editor:visible .char-insert").first().waitFor();
  await gaze.at("comparison");
  const { editor } = words("workbench", language);
  await run(page, editor.closeTab);
  await run(page, editor.save);
}

/** What Git says in a text, and a commit. */
async function atGit(page: Page, gaze: Gaze, language: string): Promise<void> {
  const git = words("git", language);
  await open(page, "note.txt");
  const text = page.locator(".monaco-editor:visible").first();
  await text.locator(".git-mark-added").waitFor();
  await run(page, git.blame.all.show);
  await text.getByText("Ada").first().waitFor();
  await run(page, git.text.next);
  await page.getByText(git.peek.title.split("{{")[0].trim()).first().waitFor();
  await gaze.at("a change in the text and who wrote it");
  await page.keyboard.press("Escape");
  await text.locator(".git-blame-column").filter({ hasText: "Ada" }).first().click();
  await page.getByRole("dialog").getByRole("button", { name: git.commit.cherryPick }).waitFor();
  await gaze.at("a commit by itself");
  await gaze.close();
  await run(page, git.blame.all.hide);
  await throughPalette(page, git.log.open, async () => {
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Second" }).click();
    await dialog.getByRole("button", { name: git.commit.tag }).click();
    await dialog.getByLabel(git.tag.name).waitFor();
    await gaze.at("commit");
    await dialog.getByRole("button", { name: git.commit.reset }).click();
    await page.getByRole("alertdialog").waitFor();
    await gaze.at("move the branch");
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").waitFor({ state: "hidden" });
    await dialog.getByRole("button", { name: "note.txt" }).click();
    await dialog.getByRole("button", { name: git.log.back }).waitFor();
    await gaze.at("a change of a commit");
    await dialog.getByRole("button", { name: git.log.back }).click();
    await dialog.getByRole("button", { name: git.commit.rebaseFrom }).click();
    const what = dialog.getByLabel(git.rebase.action.replace("{{subject}}", "Second"));
    await what.selectOption("reword");
    await dialog.getByLabel(git.rebase.message.replace("{{subject}}", "Second")).waitFor();
    await gaze.at("interactive rebase");
  });
}

/** Puts the cursor there. */
async function goTo(page: Page, language: string, place: string): Promise<void> {
  await run(page, words("workbench", language).editor.goToLine);
  const line = page.locator(".quick-input-widget input").first();
  await line.fill(place);
  await line.press("Enter");
}

/** What a language server says. */
async function atLanguages(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { breadcrumbs, calls, languages, problems, symbols } = words("editor", language);
  const { showView } = words("layout", language);
  await open(page, "main.ts");
  const ready = languages.label.replace("{{title}}", "TypeScript").replace("{{state}}", languages.state.ready);
  await page.getByRole("button", { name: ready }).waitFor({ timeout: 60_000 });
  await page.getByRole("navigation", { name: breadcrumbs.label }).getByRole("button").first().click();
  await page.getByRole("menuitem").nth(1).waitFor();
  await gaze.atMenu("menu of a path");
  await page.getByRole("button", { name: ready }).click();
  await gaze.atMenu("menu of a language server");
  await throughPalette(page, languages.showLog, () => gaze.at("log of a language server"));
  await goTo(page, language, ":1:1");
  await throughPalette(page, calls.title, async () => {
    await page.getByRole("status").filter({ hasText: calls.none }).waitFor();
    await gaze.at("no calls");
  });
  await throughPalette(page, symbols.title, async () => {
    await page.locator("[cmdk-input]").fill("two");
    await page.getByRole("option", { name: "two" }).first().waitFor();
    await gaze.at("symbols");
  });
  await goTo(page, language, ":5:18");
  await throughPalette(page, calls.title, async () => {
    await page.getByRole("option").first().waitFor();
    await gaze.at("calls");
  });
  await run(page, showView.replace("{{view}}", problems.title));
  await page.getByRole("listbox", { name: problems.title }).getByRole("option").first().waitFor();
  await gaze.at("problems");
}

/** The parts of the view itself. */
async function atPanels(page: Page, gaze: Gaze, language: string): Promise<void> {
  const layout = words("layout", language);
  const { protection, workspace } = words("workbench", language);
  await page.keyboard.press("ControlOrMeta+Shift+E");
  const tree = page.getByRole("tree");
  const box = await tree.boundingBox();
  await tree.click({ button: "right", position: { x: 40, y: (box?.height ?? 0) - 8 } });
  await gaze.atMenu("menu of the files' empty space");
  await page.getByRole("button", { name: workspace.more, exact: true }).click();
  await gaze.atMenu("menu of the workspace");
  await page.getByRole("button", { name: protection.title }).click();
  await page.getByRole("dialog", { name: protection.title }).waitFor();
  await gaze.at("protections");
  await page.keyboard.press("Escape");
  await run(page, layout.enterZen);
  await page.getByRole("button", { name: layout.leaveZen }).waitFor();
  await gaze.at("zen mode");
  await run(page, layout.leaveZen);
}

test("axe finds nothing on what an editor seldom shows", async ({ owner, page }) => {
  test.slow();
  expect(owner.url).toBeTruthy();
  await watch(page);
  const { bench } = await LanguageBench.create(page, FILES);
  await prepare(bench);
  for (const look of MAIN_LOOKS) {
    await wear(page, look);
    await page.getByRole("main").waitFor();
    const gaze = new Gaze(page, `${look.name} seldom`);
    await atPanels(page, gaze, look.language);
    await atFiles(page, gaze, look.language);
    await atGit(page, gaze, look.language);
    await atLanguages(page, gaze, look.language);
    const workspace = page.url();
    await page.goto("/repositories");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await run(page, words("repositories", look.language).refresh.action);
    await page.getByRole("main").getByRole("cell").first().waitFor();
    await gaze.at("repositories");
    await page.goto(workspace);
    gaze.nothing();
  }
});

/** A short film, which the browser itself makes. */
async function film(page: Page): Promise<Buffer> {
  const bytes = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    canvas.width = 160;
    canvas.height = 90;
    const context = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
    const parts: Blob[] = [];
    recorder.ondataavailable = ({ data }) => parts.push(data);
    const ended = new Promise((resolve) => recorder.addEventListener("stop", resolve));
    recorder.start();
    for (let frame = 0; frame < 15; frame += 1) {
      if (context) context.fillStyle = `hsl(${frame * 24} 80% 50%)`;
      context?.fillRect(0, 0, 160, 90);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await ended;
    return [...new Uint8Array(await new Blob(parts).arrayBuffer())];
  });
  return Buffer.from(bytes);
}

async function prepare(bench: EditorBench): Promise<void> {
  await bench.write("film.webm", await film(bench.page));
  await bench.write("paper.pdf", PDF);
  await bench.write("sound.wav", sound());
  await bench.write("broken.mp4", "no film");
  await bench.workbench.run(COMMANDS, "READY");
  await bench.action("Switch autosave off");
}
