import type { Locator, Page } from "@playwright/test";
import { readFile } from "node:fs/promises";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

/** Chooses an entry of the command palette. */
async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  await page.getByRole("combobox").fill(title);
  await page.getByRole("option", { name: title }).first().click();
}

/** The text of the terminal with this name. */
function screen(page: Page, name: string) {
  return page.getByRole("region", { name, exact: true }).locator(".xterm-rows");
}

async function boxOf(locator: Locator) {
  const box = await locator.boundingBox();
  if (!box) throw new Error("it is not to be seen");
  return box;
}

function regionBox(page: Page, name: string) {
  return boxOf(page.getByRole("region", { name, exact: true }));
}

test("terminals side by side, moved, and where they were after a reload", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "panes", "empty");
  await workbench.run("cd /tmp && echo first-$((40+2))", "first-42");
  // The shell says where it is with its next prompt.
  await expect(screen(page, "Terminal 1")).toContainText(/:\/tmp\$/);
  await command(page, "Split terminal to the side");
  await expect(page.getByRole("region", { name: "Terminal 2", exact: true })).toBeVisible();
  await expect(screen(page, "Terminal 1")).toContainText("first-42");
  // It begins where the shell was.
  await expect(screen(page, "Terminal 2")).toContainText("/tmp");
  const strips = page.getByRole("tablist", { name: "Terminals" });
  await expect(strips).toHaveCount(2);

  const border = page.getByRole("separator", { name: "Resize terminals" });
  const before = await regionBox(page, "Terminal 1");
  await border.focus();
  await page.keyboard.press("Shift+ArrowRight");
  await expect
    .poll(async () => (await regionBox(page, "Terminal 1")).width)
    .toBeGreaterThan(before.width + 20);

  // A tab dragged to the bottom edge of the other panel stands below it then.
  const from = await boxOf(page.getByRole("tab", { name: "Terminal 2" }));
  const onto = await boxOf(page.getByRole("region", { name: "Terminal 1" }));
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(onto.x + onto.width / 2, onto.y + onto.height / 2, { steps: 5 });
  await page.mouse.move(onto.x + onto.width / 2, onto.y + onto.height - 12, { steps: 5 });
  await page.mouse.up();
  const below = async () => {
    const [one, two] = [await regionBox(page, "Terminal 1"), await regionBox(page, "Terminal 2")];
    return Math.abs(one.x - two.x) < 2 && two.y > one.y + one.height - 2;
  };
  await expect.poll(below).toBe(true);
  await page.reload();
  await expect(strips).toHaveCount(2);
  await expect(screen(page, "Terminal 1")).toContainText("first-42");
  await expect.poll(below).toBe(true);
  await command(page, "Join all panels");
  await expect(strips).toHaveCount(1);
});

test("commands are marked, searched over all terminals, and typed once more", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "history", "empty");
  await workbench.run("echo marked-$((1+1))", "marked-2");
  await workbench.type("sh -c 'exit 3'\n");
  const marks = page.locator(".terminal-mark");
  await expect(marks.nth(0)).toHaveAttribute("data-state", "ok");
  await expect(marks.nth(1)).toHaveAttribute("data-state", "failed");
  await expect(marks.nth(1)).toHaveAttribute("title", /sh -c 'exit 3' · failed with code 3/);

  await command(page, "New terminal");
  await expect(page.getByRole("tab", { name: "Terminal 2" })).toBeVisible();
  await expect(screen(page, "Terminal 2")).toContainText("$");
  await page.keyboard.press("Control+Shift+R");
  const dialog = page.getByRole("dialog", { name: "Command history" });
  await dialog.getByRole("combobox").fill("marked");
  await expect(dialog.getByRole("option")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(screen(page, "Terminal 2")).toContainText("echo marked-$((1+1))");
  await page.keyboard.press("Enter");
  await expect(screen(page, "Terminal 2")).toContainText("marked-2");
});

test("what a terminal shows is recorded and played, and what is typed is not", async ({
  owner,
  page,
}) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "recorded", "empty");
  await command(page, "Record terminal");
  await expect(page.getByText("Being recorded").first()).toBeAttached();
  await workbench.run("echo shown-$((20+1)); read -s x", "shown-21");
  await workbench.type("secret-word\n");
  await command(page, "Stop recording");
  await expect(page.getByText("The recording is kept.")).toBeVisible();
  await command(page, "Recordings…");
  const list = page.getByRole("dialog", { name: "Recordings" });
  await expect(list.getByText("stopped")).toBeVisible();
  const download = page.waitForEvent("download");
  await list.getByRole("link", { name: "Download recording of Terminal 1" }).click();
  const path = await (await download).path();
  const text = await readFile(path, "utf8");
  expect(text.startsWith('{"version":2')).toBe(true);
  expect(text).toContain("shown-21");
  expect(text).not.toContain("secret-word");

  await list.getByRole("button", { name: "Watch recording of Terminal 1" }).click();
  const player = page.getByRole("group", { name: "Player" });
  await player.getByRole("slider", { name: "Position" }).focus();
  await page.keyboard.press("End");
  await expect(player.locator(".xterm-rows")).toContainText("shown-21");
});

test("hostile output and pastes do no harm", async ({ owner, page, context }) => {
  expect(owner.url).toBeTruthy();
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const workbench = await Workbench.create(page, "hostile", "empty");
  let dialogs = 0;
  page.on("dialog", (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  // A title that is markup stays text, for as long as no prompt sets another.
  await workbench.run(
    "printf '\\033]0;<img src=x onerror=alert(1)>\\007'; echo titled-$((1+1)); read hold",
    "titled-2",
  );
  await expect(page.getByRole("tab", { name: "Terminal 1" })).toHaveAttribute("title", /<img src=x/);
  await expect(page.locator("img[src=x]")).toHaveCount(0);
  await workbench.type("\n");
  // A link of the program's own that would run a script opens nothing.
  await workbench.run(
    "printf '\\033]8;;javascript:alert(1)\\033\\\\click-me\\033]8;;\\033\\\\\\n'; echo linked-$((1+1))",
    "linked-2",
  );
  const link = page.locator(".xterm-rows").getByText("click-me", { exact: true }).last();
  const at = await boxOf(link);
  await page.keyboard.down("Control");
  await page.mouse.click(at.x + at.width / 2, at.y + at.height / 2);
  await page.keyboard.up("Control");
  expect(context.pages()).toHaveLength(1);

  // Lines that would run are asked about where nothing else asks.
  await workbench.run("echo copies-$((1+1)); cat", "copies-2");
  await page.evaluate(() => navigator.clipboard.writeText("one\u001b[31m\ntwo\n"));
  await command(page, "Paste into terminal");
  const ask = page.getByRole("dialog", { name: "Paste and run 2 lines?" });
  await expect(ask.getByLabel("What would be pasted")).toHaveText(/one\[31m\s+two/);
  await expect(page.getByText("1 control character was taken out")).toBeVisible();
  await ask.getByRole("button", { name: "Cancel" }).click();
  await command(page, "Paste into terminal");
  await ask.getByRole("button", { name: "Paste", exact: true }).click();
  await expect(workbench.terminalText()).toContainText("one[31m");
  expect(dialogs).toBe(0);
});

test("a file that a compiler names opens in the editor at its line", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const workbench = await Workbench.create(page, "links", "empty");
  await workbench.run(
    "mkdir -p src; seq 30 > src/list.txt; cd src; echo 'error at list.txt:12:2 and absent.txt:3'",
    "error at list.txt:12:2",
  );
  // It is looked for where the shell was, not where it is.
  await workbench.run("cd /; echo moved-$((1+1))", "moved-2");
  const line = page.locator(".xterm-rows > div", { hasText: /^error at list/ }).last();
  const at = await line.evaluate((row) => {
    const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const index = node.textContent?.indexOf("list.txt") ?? -1;
      if (index < 0) continue;
      const range = document.createRange();
      range.setStart(node, index + 2);
      range.setEnd(node, index + 3);
      const { x, y } = range.getBoundingClientRect();
      return { x, y };
    }
    return undefined;
  });
  if (!at) throw new Error("the line is not on the screen");
  await expect(async () => {
    await page.mouse.move(at.x + 30, at.y + 30);
    await page.mouse.move(at.x + 2, at.y + 5);
    await page.keyboard.down("Control");
    await page.mouse.click(at.x + 2, at.y + 5);
    await page.keyboard.up("Control");
    await expect(page.getByRole("tab", { name: /list\.txt/ })).toBeVisible({ timeout: 2_000 });
  }).toPass({ timeout: 60_000 });
  await expect(page.getByText("12:2").first()).toBeVisible();
});
