import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";

const LINES = "one\ntwo\nthree\nfour\nfive\n";

test("changes of two sides are merged, and a conflict is decided by a person", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, { "note.txt": LINES });
  await bench.open("note.txt");
  await expect(bench.workbench.editor).toContainText("five");
  await bench.action("Switch autosave off");
  await bench.type("MINE ");
  await bench.write("note.txt", LINES.replace("five", "THEIRS"));
  await expect(page.getByText("Both changes are in your text now", { exact: false })).toBeVisible();
  await expect(bench.workbench.editor).toContainText("MINE one");
  await expect(bench.workbench.editor).toContainText("THEIRS");
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect((await bench.read("note.txt")).toString()).toBe("MINE one\ntwo\nthree\nfour\nTHEIRS\n");

  await bench.type("AGAIN ");
  await bench.write("note.txt", "other\ntwo\nthree\nfour\nTHEIRS\n");
  await page.getByRole("button", { name: "Merge…" }).click();
  const dialog = page.getByRole("dialog", { name: "Merge note.txt" });
  await expect(dialog.getByText("1 conflict left")).toBeVisible();
  await expect(dialog.getByRole("region", { name: "On disk" })).toContainText("other");
  await dialog.getByRole("button", { name: "Both, mine first" }).click();
  await expect(dialog.getByText("No conflict left")).toBeVisible();
  await dialog.getByRole("button", { name: "Use this result" }).click();
  await bench.save();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect((await bench.read("note.txt")).toString()).toBe(
    "AGAIN MINE one\nother\ntwo\nthree\nfour\nTHEIRS\n",
  );
});

test("a file may go, or become a folder, under its tab without loss", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, { "gone.txt": "first\n" });
  await bench.open("gone.txt");
  await expect(bench.workbench.editor).toContainText("first");
  await bench.action("Switch autosave off");
  await bench.type("kept ");
  await bench.workbench.run("rm gone.txt && mkdir gone.txt && echo REPL''ACED", "REPLACED");
  await expect(page.getByText(/Your text is kept here only|Not saved/).first()).toBeVisible();
  await bench.save();
  await expect(page.getByText("Not saved:", { exact: false })).toBeVisible();
  await expect(bench.workbench.editor).toContainText("kept first");
  await bench.workbench.run("clear; rmdir gone.txt && echo RE''MOVED", "REMOVED");
  // A save that comes before the page knows that nothing stands there any more only tells so: the next one saves.
  await expect(async () => {
    await bench.save();
    await expect(page.getByText("Saved", { exact: true })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  expect((await bench.read("gone.txt")).toString()).toBe("kept first\n");
});

test("a save that is not permitted is refused, said, and nothing is lost", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, {});
  await bench.workbench.run("mkdir shut && echo old > shut/f.txt && chmod 555 shut && echo CLO''SED", "CLOSED");
  await bench.workbench.item("shut").click();
  await bench.open("f.txt");
  await expect(bench.workbench.editor).toContainText("old");
  await bench.type("new ");
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Not saved:", { exact: false })).toBeVisible();
  await expect(bench.workbench.editor).toContainText("new old");
  await bench.workbench.run("clear; chmod 755 shut && echo OP''EN", "OPEN");
  await page.getByRole("button", { name: "Save now" }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
});

test("files are compared with the disk, and edited there", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, { "x.txt": "before\n" });
  await bench.open("x.txt");
  await expect(bench.workbench.editor).toContainText("before");
  await bench.action("Switch autosave off");
  await bench.type("after ");
  await bench.action("Compare with the file on disk");
  await expect(bench.tab("Comparison: x.txt")).toBeVisible();
  await expect(page.locator(".modified-in-monaco-diff-editor")).toContainText("after before");
  await expect(page.locator(".original-in-monaco-diff-editor")).toContainText("before");
  await expect(page.locator(".original-in-monaco-diff-editor")).not.toContainText("after");
});
