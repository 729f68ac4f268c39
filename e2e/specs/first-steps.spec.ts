import { Workbench, useReadableTerminals } from "../support/workbench";
import { expect, test } from "../support/test";
import { OWNER } from "../support/server";

/** A project with tests that need nothing but a shell. */
const PROJECT = {
  "greet.sh": 'greet() { echo "hello"; }\n',
  "test.sh": '. ./greet.sh\n[ "$(greet)" = "good morning" ] && echo TESTS-PASS || echo TESTS-FAIL\n',
  "README.md": "# Greeter\n",
};

test("set-up, clone, edit, test, commit, reload", async ({ server, page, gitServer }) => {
  const url = await gitServer.createRepository("greeter", PROJECT);
  await useReadableTerminals(page);

  await page.goto(server.setupLink);
  await page.getByLabel("Your name").fill(OWNER.name);
  await page.getByLabel("E-mail").fill(OWNER.email);
  await page.getByLabel("Password", { exact: true }).fill(OWNER.password);
  await page.getByRole("button", { name: "Create account" }).click();
  await expect(page.getByRole("heading", { name: "Create your first workspace" })).toBeVisible();

  const workbench = await Workbench.createByHand(page, "greeter work", { git: url });
  await workbench.item("greet.sh").dblclick();
  await expect(workbench.editor).toContainText("hello");

  await workbench.run("cd greeter && sh test.sh", "TESTS-FAIL");
  await workbench.editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.type('greet() { echo "good morning"; }');
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await workbench.run("clear; sh test.sh", "TESTS-PASS");

  await workbench.run(
    "git -c user.name=Ada -c user.email=ada@example.com commit -qam Better && git log --format=%s",
    /Better\s*First commit/,
  );
  await workbench.run("git push -q origin HEAD && echo PUSH''ED", "PUSHED");
  expect(await gitServer.log("greeter")).toEqual(["Better", "First commit"]);

  await page.reload();
  await workbench.ready();
  await expect(workbench.terminalText()).toContainText("PUSHED");
  await expect(page.getByRole("tab", { name: "greet.sh" })).toBeVisible();
  await expect(workbench.editor).toContainText("good morning");
});

test("a terminal goes on while the server is killed and started again", async ({ owner, page }) => {
  const workbench = await Workbench.create(page, "survivor", "empty");
  await workbench.type("for i in $(seq 1 40); do echo n$i; sleep 0.1; done; echo DO''NE\n");
  await expect(workbench.terminalText()).toContainText("n5");
  await owner.kill();
  await expect(page.getByText("Reconnecting…").first()).toBeVisible();
  await owner.restart();
  await expect(workbench.terminalText()).toContainText("DONE", { timeout: 30_000 });
  const text = (await workbench.terminalText().innerText()).replace(/\u00a0/g, " ");
  const counted = [...text.matchAll(/^n(\d+)\s*$/gm)].map((match) => Number(match[1]));
  const last = counted.slice(-20);
  expect(last).toEqual(Array.from({ length: last.length }, (_, index) => 41 - last.length + index));
});

test("a change on disk meets an edit that is not saved", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.createByHand(page, "conflict", "empty");
  await workbench.run("echo one > /workspace/note.txt; echo WRIT''TEN", "WRITTEN");
  await workbench.item("note.txt").dblclick();
  await expect(workbench.editor).toContainText("one");
  await workbench.run("clear; echo two > /workspace/note.txt; echo AGA''IN", "AGAIN");
  // Nothing was changed here: the file is read anew by itself.
  await expect(workbench.editor).toContainText("two");
});

test("a clone that fails says why, and can be tried again", async ({ owner, page, gitServer }) => {
  expect(owner.url).toBeTruthy();
  const url = await gitServer.createRepository("secret", PROJECT);
  gitServer.options = { credentials: { user: "ada", password: "secret" } };
  await page.goto("/");
  await page.getByRole("button", { name: "New workspace" }).first().click();
  const dialog = page.getByRole("dialog", { name: "New workspace" });
  await dialog.getByText("Git repository", { exact: true }).first().click();
  await dialog.getByLabel("Repository address").fill(url);
  await dialog.getByLabel("Name", { exact: true }).fill("private");
  await dialog.getByRole("button", { name: "Create workspace" }).click();
  await expect(page.getByText(/needs credentials/).first()).toBeVisible();
  gitServer.options = {};
  await page.getByRole("button", { name: "Start again" }).first().click();
  await expect(page.getByRole("link", { name: "Open private" })).toBeVisible();
});
