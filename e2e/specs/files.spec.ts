import { FilePanel } from "../support/files";
import { Workbench } from "../support/workbench";
import { expect, test } from "../support/test";

test("entries are chosen, moved, copied, deleted and brought back", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "entries", "empty");
  const files = new FilePanel(workbench);
  await files.write({ "a.txt": "A", "b.txt": "B", "c.txt": "C" });
  await files.makeFolder("docs");

  // By mouse into the folder, two at once.
  await files.row("a.txt").click();
  await files.row("b.txt").click({ modifiers: ["ControlOrMeta"] });
  await expect(files.row("b.txt")).toHaveAttribute("aria-selected", "true");
  await files.row("b.txt").dragTo(files.row("docs"));
  await expect(files.entry("docs/a.txt")).toHaveAttribute("aria-level", "2");
  await expect(files.entry("a.txt")).toHaveCount(0);
  expect(await files.content("docs/b.txt")).toBe("B");

  // By keyboard: copy beside itself, rename in place.
  await files.row("c.txt").click();
  await files.tree.focus();
  await page.keyboard.press("ControlOrMeta+D");
  await expect(files.row("c (2).txt")).toBeVisible();
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "New name" }).fill("C.txt");
  await page.keyboard.press("Enter");
  await expect(files.row("C.txt")).toBeVisible();
  await expect(files.row("c.txt")).toBeVisible();

  // Cut and paste, onto a name that is taken: both stay.
  await files.write({ "a.txt": "another" });
  await expect(files.row("a.txt")).toHaveCount(2);
  await files.entry("a.txt").click();
  await files.tree.focus();
  await page.keyboard.press("ControlOrMeta+X");
  await files.row("docs").click({ modifiers: ["ControlOrMeta"] });
  await files.choose("docs", /^Paste/);
  const question = page.getByRole("dialog", { name: "a.txt exists already" });
  await question.getByRole("button", { name: "Keep both" }).click();
  await expect(files.row("a (2).txt")).toHaveAttribute("aria-level", "2");
  expect(await files.content("docs/a (2).txt")).toBe("another");

  // To the trash with all it holds, and back by the message's own button.
  await files.choose("docs", "Move to trash");
  await expect(files.row("docs")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(files.row("docs")).toBeVisible();
  expect(await files.content("docs/b.txt")).toBe("B");

  // And from the trash itself, where the name is taken by now.
  await files.row("c.txt").click();
  await files.tree.focus();
  await page.keyboard.press("Delete");
  await expect(files.row("c.txt")).toHaveCount(0);
  await files.write({ "c.txt": "newer" });
  await files.panel.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Show trash" }).click();
  const trash = page.getByRole("dialog", { name: "Trash" });
  await trash.getByRole("button", { name: "Restore c.txt" }).click();
  await page.getByRole("button", { name: "Replace" }).click();
  await expect(trash.getByText("The trash is empty.").first()).toBeVisible();
  expect(await files.content("c.txt")).toBe("C");
});

test("names of all kinds, folders without permission and what is on disk", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "odd names", "empty");
  const files = new FilePanel(workbench);
  await workbench.run(
    [
      "cd /workspace",
      "touch 'two words' \"$(printf 'new\\nline')\" \"$(printf '\\342\\200\\256gpj.exe')\" \"$(printf 'caf\\351')\" '100%.txt'",
      "mkdir locked && touch locked/x && chmod 000 locked",
      "mkdir loop && ln -s .. loop/up && ln -s /etc/passwd outside",
      "clear; echo MA''DE",
    ].join("; "),
    "MADE",
  );
  for (const name of ["two words", "new‹U+000A›line", "‹U+202E›gpj.exe", "caf\ufffd", "100%.txt"]) {
    await expect(files.row(name)).toBeVisible();
  }
  const link = files.row("outside");
  await expect(link.locator("[data-target]")).toHaveAttribute("data-target", " → /etc/passwd");
  await expect(link).toHaveAttribute("aria-description", "→ /etc/passwd");

  await files.row("caf\ufffd").click();
  await files.tree.focus();
  await page.keyboard.press("F2");
  await page.getByRole("textbox", { name: "New name" }).fill("café");
  await page.keyboard.press("Enter");
  await expect(files.row("café")).toBeVisible();

  await files.row("locked").click();
  await expect(files.tree.getByText(/may not be accessed/)).toBeVisible();
  await files.choose("locked", "Permissions…");
  const mode = page.getByRole("dialog", { name: "Permissions" });
  await expect(mode.getByLabel("In octal")).toHaveValue("000");
  for (const what of ["Read", "Write", "Run"]) await mode.getByLabel(`Owner: ${what}`).check();
  await expect(mode.getByLabel("In octal")).toHaveValue("700");
  await mode.getByRole("button", { name: "Set permissions" }).click();
  await expect(mode).toHaveCount(0);
  await files.tree.getByRole("button", { name: "Read again" }).click();
  await expect(files.row("x")).toBeVisible();

  // A link up is opened as far as somebody opens it, and no further.
  await files.row("loop").click();
  await files.row("up").click();
  await expect(files.row("two words")).toHaveCount(2);
  await files.panel.getByRole("button", { name: "Close all folders" }).click();

  await files.panel.getByRole("button", { name: "Filter files" }).click();
  await page.getByRole("textbox", { name: "Filter by name" }).fill("WORDS");
  await expect(files.tree.getByRole("treeitem")).toHaveCount(1);
  await page.keyboard.press("Escape");
  await expect(files.row("café")).toBeVisible();

  // What a program does is seen at once.
  await workbench.run("rm 'two words'; clear; echo GO''NE", "GONE");
  await expect(files.row("two words")).toHaveCount(0);
});

test("a folder is downloaded as an archive", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "archives", "empty");
  const files = new FilePanel(workbench);
  await workbench.run(
    "cd /workspace; mkdir -p site/css; echo hello > site/index.html; ln -s index.html site/home; clear; echo MA''DE",
    "MADE",
  );
  const download = page.waitForEvent("download");
  await files.choose("site", "Download as tar.gz");
  const archive = await download;
  expect(archive.suggestedFilename()).toBe("site.tar.gz");
  const { execFileSync } = await import("node:child_process");
  const listed = execFileSync("tar", ["-tzvf", await archive.path()], { encoding: "utf8" });
  expect(listed).toContain("site/index.html");
  expect(listed).toContain("site/home -> index.html");

  const zip = page.waitForEvent("download");
  await files.choose("site", "Download as ZIP");
  expect((await zip).suggestedFilename()).toBe("site.zip");
});
