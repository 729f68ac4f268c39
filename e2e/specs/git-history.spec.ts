import { EditorBench } from "../support/editor";
import { FilePanel } from "../support/files";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

const AS_ADA = "git config user.name Ada && git config user.email ada@example.com";

test("a file's history goes through its renaming; a commit is tagged, branched and reset to", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, { "old.txt": "one\ntwo\nthree\n" });
  await bench.workbench.run(
    `git init -qb main . && ${AS_ADA} && git add . && git commit -qm Begun && ` +
      "git mv old.txt new.txt && git commit -qm Renamed && echo four >> new.txt && " +
      "git commit -qam Longer && echo REA''DY",
    "READY",
  );
  const files = new FilePanel(bench.workbench);
  await expect(files.row("new.txt")).toBeVisible();
  await files.choose("new.txt", "File history");
  const history = page.getByRole("dialog", { name: "Commits of new.txt" });
  const commits = history.getByRole("list", { name: "Commits" }).getByRole("listitem");
  await expect(commits).toHaveCount(3);
  await expect(commits.nth(2)).toContainText("Begun");
  await commits.nth(0).getByRole("button").click();
  await expect(history.getByRole("region", { name: "Commit" })).toContainText("four");

  await history.getByRole("button", { name: "Tag here" }).click();
  await history.getByLabel("Name of the tag").fill("not a name");
  await history.getByRole("button", { name: "Create tag" }).click();
  await expect(page.getByText("“not a name” cannot be a name in Git").last()).toBeVisible();
  await history.getByLabel("Name of the tag").fill("v1");
  await history.getByRole("button", { name: "Create tag" }).click();
  await expect(page.getByText("Created the tag v1")).toBeVisible();
  await expect(commits.nth(0)).toContainText("v1");

  await commits.nth(1).getByRole("button").click();
  await history.getByRole("button", { name: "Branch from here" }).click();
  await history.getByLabel("Name of the new branch").fill("aside");
  await history.getByRole("button", { name: "Create and switch" }).click();
  await expect(page.getByText("Switched to the new branch aside")).toBeVisible();
  await page.keyboard.press("Escape");

  await page.getByRole("button", { name: "Git", exact: true }).click();
  const panel = page.getByRole("region", { name: "Git" });
  await panel.getByRole("button", { name: "Log" }).click();
  const log = page.getByRole("dialog", { name: "Commits" });
  await log.getByRole("listitem").filter({ hasText: "Longer" }).getByRole("button").click();
  await log.getByRole("button", { name: "Move the branch here" }).click();
  const reset = page.getByRole("alertdialog");
  await reset.getByLabel("What goes with it").selectOption("hard");
  await expect(reset).toContainText("What is not committed is lost.");
  await reset.getByRole("button", { name: "Move the branch" }).click();
  await expect(reset).toHaveCount(0);
  await page.keyboard.press("Escape");
  await bench.workbench.run("git log -1 --format='AT %s %D'", /AT Longer HEAD -> aside/);
});

test("remotes, working trees and submodules are listed, added and removed", async ({
  owner,
  page,
  gitServer,
}) => {
  expect(owner.url).toBeTruthy();
  const part = await gitServer.createRepository("part", { "part.txt": "part\n" });
  const url = await gitServer.createRepository("whole", { "whole.txt": "whole\n" });
  const workbench = await Workbench.create(page, "parts", { git: url });
  await workbench.run(
    `cd whole && ${AS_ADA} && git submodule --quiet add ${part} lib && git commit -qm Lib && ` +
      "git submodule --quiet deinit -f lib && echo REA''DY",
    "READY",
  );
  await page.getByRole("button", { name: "Git", exact: true }).click();
  const panel = page.getByRole("region", { name: "Git" });
  const open = async (title: string) => {
    await panel.getByRole("button", { name: "More of Git" }).click();
    await page.getByRole("menuitem", { name: title }).click();
    const dialog = page.getByRole("dialog", { name: title });
    await expect(dialog).toBeVisible();
    return dialog;
  };

  const remotes = await open("Remotes");
  await expect(remotes.getByRole("listitem")).toHaveCount(1);
  await remotes.getByLabel("Name", { exact: true }).fill("other");
  await remotes.getByLabel("Address").fill("ext::sh -c true");
  await remotes.getByRole("button", { name: "Add" }).click();
  await expect(page.locator("[data-sonner-toast]").first()).toBeVisible();
  await expect(remotes.getByRole("listitem")).toHaveCount(1);
  await remotes.getByLabel("Address").fill(part);
  await remotes.getByRole("button", { name: "Add" }).click();
  await expect(remotes.getByRole("listitem")).toHaveCount(2);
  await remotes.getByRole("button", { name: "Change other" }).click();
  await remotes.getByLabel("Name", { exact: true }).fill("renamed");
  await remotes.getByRole("button", { name: "Save" }).click();
  await expect(remotes.getByRole("button", { name: "Change renamed" })).toBeVisible();
  await remotes.getByRole("button", { name: "Remove renamed" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(remotes.getByRole("listitem")).toHaveCount(1);
  await page.keyboard.press("Escape");

  const trees = await open("Working trees");
  await expect(trees.getByRole("listitem")).toHaveCount(1);
  await trees.getByLabel("New folder in the workspace").fill("beside");
  await trees.getByLabel("Branch", { exact: true }).fill("topic");
  await trees.getByRole("button", { name: "Add" }).click();
  await expect(trees.getByRole("listitem")).toHaveCount(2);
  await page.keyboard.press("Escape");
  await workbench.run("cat ../beside/whole.txt && echo u > ../beside/u.txt && echo THE''RE", "THERE");
  await open("Working trees");
  // With something in it that is not committed only by force.
  await trees.getByRole("button", { name: "Remove beside" }).click();
  const removal = page.getByRole("alertdialog");
  await removal.getByRole("button", { name: "Remove" }).click();
  await expect(trees.getByRole("listitem")).toHaveCount(2);
  await trees.getByRole("button", { name: "Remove beside" }).click();
  await removal.getByLabel("Even with changes in it").check();
  await removal.getByRole("button", { name: "Remove" }).click();
  await expect(trees.getByRole("listitem")).toHaveCount(1);
  await page.keyboard.press("Escape");

  const modules = await open("Submodules");
  await expect(modules.getByRole("listitem")).toContainText("not fetched yet");
  await modules.getByRole("button", { name: "Fetch and update all" }).click();
  await expect(modules.getByRole("listitem")).toContainText("as wanted");
  await page.keyboard.press("Escape");
  await workbench.run("cat lib/part.txt && echo GOT''IT", "GOTIT");
});
