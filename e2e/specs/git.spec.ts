import type { Locator, Page } from "@playwright/test";
import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

const NUMBERS = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
const PROJECT = { "numbers.txt": `${NUMBERS.join("\n")}\n` };

/** The Git view, in its own words. */
class Git {
  readonly panel: Locator;

  constructor(readonly page: Page) {
    this.panel = page.getByRole("region", { name: "Git" });
  }

  static async open(page: Page): Promise<Git> {
    await page.getByRole("button", { name: "Git", exact: true }).click();
    const git = new Git(page);
    await expect(git.panel).toBeVisible();
    return git;
  }

  row(name: string | RegExp): Locator {
    return this.panel.getByRole("treeitem", { name });
  }

  dialog(name: string | RegExp): Locator {
    return this.page.getByRole("dialog", { name });
  }

  async commit(message: string): Promise<void> {
    await this.panel.getByLabel("Message").fill(message);
    await this.panel.getByRole("button", { name: "Commit", exact: true }).click();
    await expect(this.page.getByText(/^Committed as/).first()).toBeVisible();
  }
}

test("a hunk is staged, committed on a branch, and pushed with credentials", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("numbers", PROJECT);
  const workbench = await Workbench.create(page, "git", { git: url });
  await workbench.run(
    "cd numbers && git config --global user.name Ada && git config --global user.email ada@example.com && " +
      "sed -i 's/line 2$/TWO/; s/line 28$/TWENTY-EIGHT/' numbers.txt && echo REA''DY",
    "READY",
  );
  const git = await Git.open(page);
  await git.row(/numbers\.txt modified/).click();
  const diff = git.dialog("numbers.txt");
  await diff.getByRole("button", { name: "Stage hunk" }).last().click();
  await expect(diff.getByRole("button", { name: "Stage hunk" })).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(git.row(/^Staged 1/)).toBeVisible();
  await expect(git.row(/^Changes 1/)).toBeVisible();

  await git.panel.getByRole("button", { name: /^Branch main/ }).click();
  const branches = git.dialog("Branches and tags");
  await branches.getByLabel("Name of a branch").fill("topic");
  await branches.getByRole("button", { name: "Create branch" }).click();
  await expect(git.panel.getByRole("button", { name: /^Branch topic/ })).toBeVisible();
  await git.commit("Twenty-eight");

  gitServer.options = { credentials: { user: "ada", password: "s3cret" } };
  await git.panel.getByRole("button", { name: "Push the branch and follow it" }).click();
  const credentials = git.dialog(/^Sign in to 127\.0\.0\.1/);
  await credentials.getByLabel("User name").fill("ada");
  await credentials.getByLabel("Password or token").fill("wrong");
  await credentials.getByRole("button", { name: "Sign in and go on" }).click();
  await expect(credentials.getByText("The server has refused these.")).toBeVisible();
  await credentials.getByLabel("Password or token").fill("s3cret");
  await credentials.getByRole("button", { name: "Sign in and go on" }).click();
  await expect(page.getByText("Pushed")).toBeVisible();
  gitServer.options = {};
  expect(await gitServer.log("numbers", "topic")).toEqual(["Twenty-eight", "First commit"]);

  // The other change is discarded, and comes back.
  await git.row(/numbers\.txt modified/).hover();
  await git.row(/numbers\.txt modified/).getByRole("button", { name: /^Discard/ }).click();
  await expect(git.row(/numbers\.txt/)).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(git.row(/numbers\.txt modified/)).toBeVisible();
});

test("credentials that were remembered are not asked for again, until the host refuses them", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("kept", PROJECT);
  const workbench = await Workbench.create(page, "kept", { git: url });
  await workbench.run(
    "cd kept && git config --global user.name Ada && git config --global user.email ada@example.com && " +
      "for n in one two three; do git commit -q --allow-empty -m $n; git branch $n; done; " +
      "git reset -q --hard one && echo REA''DY",
    "READY",
  );
  gitServer.options = { credentials: { user: "ada", password: "s3cret" } };
  const git = await Git.open(page);
  await git.panel.getByRole("button", { name: "Push", exact: true }).click();
  const credentials = git.dialog(/^Sign in to 127\.0\.0\.1/);
  await credentials.getByLabel("User name").fill("ada");
  await credentials.getByLabel("Password or token").fill("s3cret");
  await credentials.getByLabel(/^Remember for/).check();
  await expect(credentials.getByText(/stored encrypted in your account/)).toBeVisible();
  await credentials.getByRole("button", { name: "Sign in and go on" }).click();
  await expect(page.getByText(/^Stored for 127\.0\.0\.1/)).toBeVisible();
  await expect.poll(() => gitServer.log("kept")).toEqual(["one", "First commit"]);

  await workbench.run("git reset -q --hard two && echo REA''DY2", "READY2");
  await git.panel.getByRole("button", { name: "Push", exact: true }).click();
  await expect.poll(() => gitServer.log("kept")).toEqual(["two", "one", "First commit"]);
  await expect(credentials).toBeHidden();

  // The token has ended at the host.
  gitServer.options = { credentials: { user: "ada", password: "another" } };
  await workbench.run("git reset -q --hard three && echo REA''DY3", "READY3");
  await git.panel.getByRole("button", { name: "Push", exact: true }).click();
  await expect(
    credentials.getByText("The server has refused what you have stored for this host."),
  ).toBeVisible();
  await credentials.getByLabel("Password or token").fill("another");
  await expect(credentials.getByLabel(/^Remember for/)).toBeChecked();
  await credentials.getByRole("button", { name: "Sign in and go on" }).click();
  await expect.poll(() => gitServer.log("kept")).toHaveLength(4);

  // In the settings it is listed and removed; the secret is nowhere.
  await page.goto("/settings#gitCredentials");
  const section = page.getByRole("region", { name: "Git credentials" });
  await expect(section.getByText(/^http:\/\/127\.0\.0\.1/)).toBeVisible();
  await expect(section.getByText(/^used/)).toBeVisible();
  await section.getByRole("button", { name: /^Remove the credentials for/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(section.getByText(/^You have stored none/)).toBeVisible();
});

test("an interactive rebase with conflicts is resolved by mouse and by keyboard", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("words", { "word.txt": "top\nzero\nend\n" });
  const workbench = await Workbench.create(page, "rebased", { git: url });
  await workbench.run(
    "cd words && git config --global user.name Ada && git config --global user.email ada@example.com && " +
      "for w in one two; do sed -i 2s/.*/$w/ word.txt; git commit -qam $w; done; echo REA''DY",
    "READY",
  );
  const bench = new EditorBench(workbench);
  const onDisk = async () => (await bench.read("words/word.txt")).toString();
  const git = await Git.open(page);
  await git.panel.getByRole("button", { name: /^Branch main/ }).click();
  await git
    .dialog("Branches and tags")
    .getByRole("button", { name: "Rebase the current branch onto origin/main" })
    .click();
  const rebase = git.dialog("Rebase onto origin/main");
  await rebase.getByRole("button", { name: "Move one down" }).click();
  await rebase.getByRole("button", { name: "Start the rebase" }).click();
  await expect(git.panel.getByText("A rebase is under way")).toBeVisible();

  // By keyboard: both sides, then a word of one's own; the disk is not written over, nor the text lost.
  await git.row(/word\.txt in conflict/).click();
  const conflict = git.dialog("word.txt");
  await expect(conflict.getByRole("region", { name: "Ours" })).toContainText("zero");
  await expect(conflict.getByRole("region", { name: "Theirs" })).toContainText("two");
  await expect(conflict.getByRole("region", { name: "Theirs" }).locator(".merge-changed")).toBeVisible();
  const result = conflict.getByRole("region", { name: "Result" });
  await expect(conflict.getByText("1 conflict left")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Alt+Digit3");
  await expect(conflict.getByText("No conflict left")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Z");
  await expect(conflict.getByText("1 conflict left")).toBeVisible();
  await page.keyboard.press("ControlOrMeta+Alt+Digit3");
  await page.keyboard.press("ControlOrMeta+End");
  await page.keyboard.type("by hand");
  await page.keyboard.press("Escape");
  const leaving = page.getByRole("alertdialog", { name: "Leave without saving?" });
  await leaving.getByRole("button", { name: "Cancel" }).click();
  await bench.write("words/word.txt", "another\n");
  await conflict.getByRole("button", { name: "Save" }).click();
  await expect(conflict.getByText("The file has changed on disk", { exact: false })).toBeVisible();
  expect(await onDisk()).toBe("another\n");
  // What takes the dialog's place leaves the text for the next time.
  await page.keyboard.press("F1");
  await page.locator("[cmdk-input]").fill("Stashes");
  await page.keyboard.press("Enter");
  await expect(git.dialog("Stashes")).toBeVisible();
  await page.keyboard.press("Escape");
  await bench.action("Resolve the next conflict");
  await expect(result).toContainText("by hand");
  await conflict.getByRole("button", { name: "Save" }).click();
  await conflict.getByRole("button", { name: "Overwrite it" }).click();
  await expect.poll(onDisk).toBe("top\nzero\ntwo\nend\nby hand");
  await conflict.getByRole("button", { name: "Mark as resolved" }).click();
  await expect(git.panel.getByText("There are no conflicts")).toBeVisible();
  await git.panel.getByRole("button", { name: "Continue" }).click();
  await expect(git.panel.getByText("There are no conflicts")).toHaveCount(0);

  // By mouse, at the conflict itself.
  await git.row(/word\.txt in conflict/).click();
  await result.getByRole("button", { name: "Take theirs" }).click();
  await expect(conflict.getByText("No conflict left")).toBeVisible();
  await conflict.getByRole("button", { name: "Mark as resolved" }).click();
  await expect(conflict).toBeHidden();
  await git.panel.getByRole("button", { name: "Continue" }).click();
  await expect(git.panel.getByText("A rebase is under way")).toHaveCount(0);
  expect(await onDisk()).toContain("top\none\nend\n");
  await git.panel.getByRole("button", { name: "Log" }).click();
  const commits = git.dialog("Commits").getByRole("listitem");
  await expect(commits.nth(0)).toContainText("one");
  await expect(commits.nth(1)).toContainText("two");
  await page.keyboard.press("Escape");

  // What one side has deleted is decided as a whole.
  await workbench.run(
    "git switch -qc gone HEAD~1 && git rm -q word.txt && git commit -qm Gone && git switch -q main && git merge gone; echo MER''GED",
    "MERGED",
  );
  await git.row(/word\.txt in conflict/).click();
  await expect(conflict.getByText("The file is not there on this side.")).toBeVisible();
  await conflict.getByRole("button", { name: "Take theirs" }).click();
  await expect(git.row(/word\.txt deleted/)).toBeVisible();
});
