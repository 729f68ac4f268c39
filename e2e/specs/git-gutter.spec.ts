import type { Page } from "@playwright/test";
import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";

const LINES = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);

/** A repository with one commit, in the whole workspace. */
async function repository(page: Page): Promise<EditorBench> {
  const bench = await EditorBench.create(page, { "notes.txt": `${LINES.join("\n")}\n` });
  await bench.workbench.run(
    "git init -qb main . && git config user.name Ada && git config user.email ada@example.com && " +
      "git add . && git commit -qm 'First words' && echo REA''DY",
    "READY",
  );
  await bench.open("notes.txt");
  await expect(bench.workbench.editor).toContainText("line 12");
  // The tree has seen that there is a repository.
  await expect(page.getByText("main", { exact: true }).first()).toBeAttached();
  return bench;
}

test("changes are marked while they are typed, looked into, staged and taken back", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const bench = await repository(page);
  const editor = bench.workbench.editor;
  const marks = (kind: string) => editor.locator(`.git-mark-${kind}`);
  await bench.action("Switch autosave off");
  // A line in front, the second one changed, the last one removed.
  await bench.type("new\n");
  await expect(marks("added")).toHaveCount(1);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("End");
  await page.keyboard.type(" changed");
  await expect(marks("changed")).toHaveCount(1);
  await page.keyboard.press("Control+End");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Control+Shift+K");
  await expect(marks("removed")).toHaveCount(1);

  // By keys from one to the next, and around.
  await page.keyboard.press("Alt+F5");
  const peek = (number: number, count: number) =>
    page.getByRole("region", { name: `Change ${number} of ${count}` });
  await expect(peek(1, 3)).toContainText("+ new");
  await peek(1, 3).getByRole("button", { name: "Go to the next change" }).click();
  await expect(peek(2, 3)).toContainText("− line 2");
  await expect(peek(2, 3)).toContainText("+ line 2 changed");
  await page.keyboard.press("Escape");
  await expect(peek(2, 3)).toHaveCount(0);

  // By mouse: what is staged is no change any more, and only that is staged.
  await marks("changed").click();
  await peek(2, 3).getByRole("button", { name: "Stage hunk" }).click();
  await expect(marks("changed")).toHaveCount(0);
  await expect(marks("added")).toHaveCount(1);
  await bench.workbench.run(
    "git diff --cached -U0 | grep -c '^[+-]line' | sed 's/^/STAGED /'",
    "STAGED 2",
  );

  // Taken back, and that can be undone.
  await marks("removed").click();
  await peek(2, 2).getByRole("button", { name: "Take back" }).click();
  await expect(marks("removed")).toHaveCount(0);
  await expect(editor).toContainText("line 12");
  await page.keyboard.press("Control+Z");
  await expect(marks("removed")).toHaveCount(1);
});

test("who wrote a line is shown beside it and leads to the commit", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await repository(page);
  const editor = bench.workbench.editor;
  await bench.action("Show who wrote each line");
  const column = editor.locator(".git-blame-column");
  await expect(column.filter({ hasText: "Ada" })).toHaveCount(1);
  // A line of one's own moves the others, and is nobody's yet.
  await bench.type("mine\n");
  await expect(column.filter({ hasText: "Not committed yet" })).toHaveCount(1);
  await column.filter({ hasText: "Ada" }).click();
  const commit = page.getByRole("dialog", { name: /^Commit / });
  await expect(commit).toContainText("First words");
  await expect(commit.getByRole("button", { name: /notes\.txt/ })).toBeVisible();
  await commit.getByRole("button", { name: "Close" }).click();
  await expect(commit).toHaveCount(0);
  await bench.action("Hide who wrote each line");
  await expect(column).toHaveCount(0);
  await bench.action("Show who wrote the line at the cursor");
  await editor.locator(".view-line", { hasText: "line 4" }).click();
  await expect(editor.locator(".git-blame")).toContainText(/Ada,.*First\swords/);
});
