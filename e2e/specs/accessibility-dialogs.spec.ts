import type { Page } from "@playwright/test";
import { FilePanel } from "../support/files";
import { Gaze, MAIN_LOOKS, throughPalette, watch, wear, words } from "../support/looks";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** A repository with a merge in its log, a stash, a change that is not committed, and a conflict. */
const HISTORY = [
  "git init -qb main && git config user.name Ada && git config user.email ada@example.com",
  "echo one > story.txt && git add . && git commit -qm 'Begin the story'",
  "git switch -qc topic && echo two > more.txt && git add . && git commit -qm 'Tell more'",
  "git switch -q main && echo end >> story.txt && git commit -qam 'End it' && git merge -q topic -m 'Merge the rest'",
  "echo later >> more.txt && git stash -q && git tag v1",
  "seq 9 > both.txt && seq 3 > gone.txt && git add . && git commit -qm Both && git switch -qc other",
  "sed -i 's/5/five/; s/8/eight/' both.txt && seq -s ' and ' 80 > gone.txt && git commit -qam Other",
  "git switch -q main && sed -i 's/5/V/; s/2/II/' both.txt && git rm -q gone.txt && git commit -qam Mine",
  "echo maybe >> story.txt && { git merge -q other; mkdir sub; echo one > sub/inner.txt; git add sub; echo HIST''ORY; }",
].join(" && ");

/** The actions that open Git's dialogs, by their titles. */
function gitActions(language: string): Record<string, string> {
  const git = words("git", language);
  return {
    branches: git.branches.title,
    stashes: git.stash.title,
    remotes: git.remotes.title,
    "working trees": git.worktrees.title,
    submodules: git.submodules.title,
    SSH: git.ssh.title,
    log: git.log.open,
    identity: git.identity.title,
    "what was run": git.runs.open,
    "a conflict": git.command.conflict,
  };
}

/** The actions that open dialogs of terminals, by their titles. */
function terminalActions(language: string): Record<string, string> {
  const terminals = words("terminals", language);
  return {
    "command history": terminals.history.open,
    recordings: terminals.recordings.open,
    "terminal settings": terminals.settings.open,
    "colour and picture": terminals.appearance.open,
    "share terminal": terminals.share.open,
  };
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on the dialogs of terminals and files: ${look.name}`, async ({
    owner,
    page,
  }) => {
    test.slow();
    expect(owner.url).toBeTruthy();
    await watch(page);
    const workbench = await Workbench.create(page, "looks", "empty");
    const files = new FilePanel(workbench);
    await files.write({ "gone.md": "# Words", "kept.md": "# More" });
    await files.choose("gone.md", "Move to trash");
    await expect(files.row("gone.md")).toBeHidden();
    // So many that their copy is still under way when all has been looked at.
    const many = "mkdir many && seq -f many/%.0f 100000 | xargs touch";
    await workbench.run(`${many} && echo remember-$((3+4))`, "remember-7", { timeout: 90_000 });
    await wear(page, look);
    const gaze = new Gaze(page, `${look.name} dialog`);
    const { menu, transfer, trash } = words("files", look.language);
    await page.keyboard.press("ControlOrMeta+Shift+E");
    await page.locator("[data-path='kept.md']").click({ button: "right" });
    await page.getByRole("menuitem", { name: menu.mode }).click();
    await page.getByRole("dialog").locator("input").first().waitFor();
    await gaze.at("permissions");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await throughPalette(page, trash.open, () => gaze.at("trash"));
    await page.locator("[data-path='many']").click({ button: "right" });
    await page.getByRole("menuitem", { name: menu.duplicate }).click();
    const copying = page.getByRole("region", { name: transfer.region, exact: true });
    await copying.waitFor();
    await gaze.at("a long copy");
    await copying.getByRole("button", { name: transfer.cancel }).click();
    await copying.waitFor({ state: "hidden" });
    await page.keyboard.press("F1");
    await page.locator("[cmdk-input]").fill(words("layout", look.language).focusTerminal);
    await page.keyboard.press("Enter");
    await page.locator(".xterm").first().waitFor();
    for (const [what, title] of Object.entries(terminalActions(look.language))) {
      await throughPalette(page, title, () => gaze.at(what));
    }
    gaze.nothing();
  });
}

/** A conflict that is left half decided, one of a whole file, and a host that asks who is there. */
async function atQuestions(page: Page, gaze: Gaze, language: string): Promise<void> {
  const { command, conflict, credentials, fetch } = words("git", language);
  const front = page.locator("[role=dialog], [role=alertdialog]").last();
  await throughPalette(page, command.conflict, async () => {
    await page.locator(".merge-current:visible").first().waitFor();
    const ours = front.getByRole("button", { name: conflict.takeOurs, exact: true });
    // Not the text's own, which comes a moment later.
    await ours.and(page.locator("button")).click();
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").waitFor();
    await gaze.at("leave a conflict");
    await front.getByRole("button", { name: conflict.leave.action, exact: true }).click();
  });
  await page.getByRole("treeitem").filter({ hasText: "gone.txt" }).click();
  await front.getByText(conflict.absent).waitFor();
  await expect(front.getByText("1 and 2 and 3")).toBeVisible();
  await gaze.at("a conflict of a whole file");
  await gaze.close();
  await throughPalette(page, fetch, async () => {
    await front.getByLabel(credentials.username).fill("ada");
    await gaze.at("credentials");
    await front.getByLabel(credentials.secret).fill("wrong");
    await page.keyboard.press("Enter");
    await front.getByRole("alert").filter({ hasText: credentials.refused }).waitFor();
    await gaze.at("credentials that were refused");
  });
}

for (const look of MAIN_LOOKS) {
  test(`axe finds nothing on Git: ${look.name}`, async ({ owner, page, gitServer }) => {
    test.slow();
    expect(owner.url).toBeTruthy();
    await watch(page);
    const workbench = await Workbench.create(page, "looks", "empty");
    gitServer.options = { credentials: { user: "ada", password: "s3cret" } };
    const remote = `git remote add origin ${gitServer.url("shared")}`;
    await workbench.run(HISTORY.replace("&&", `&& ${remote} &&`), "HISTORY");
    await wear(page, look);
    const gaze = new Gaze(page, `${look.name} Git`);
    // In the status bar: the repository is known.
    await page.getByText("main", { exact: true }).last().waitFor();
    await page.keyboard.press("ControlOrMeta+Shift+G");
    const change = page.getByRole("treeitem").filter({ hasText: "story.txt" });
    await expect(change).toBeVisible();
    await gaze.at("itself");
    await change.click();
    await page.getByRole("dialog").first().waitFor();
    await gaze.at("a change");
    await page.keyboard.press("Escape");
    for (const [what, title] of Object.entries(gitActions(look.language))) {
      await throughPalette(page, title, async () => {
        if (what === "a conflict") await page.locator(".merge-current:visible").first().waitFor();
        await gaze.at(what);
      });
    }
    await atQuestions(page, gaze, look.language);
    gaze.nothing();
  });
}
