import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";

test("encodings and line endings are shown, chosen and kept to the byte", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  // "سلام" in Windows-1256, and windows-1252's own "€".
  const bench = await EditorBench.create(page, {
    "arabic.txt": Buffer.from([0xd3, 0xe1, 0xc7, 0xe3, 0x0a]),
    "euro.txt": Buffer.from([0x80, 0x20, 0xe9, 0x0d, 0x0a]),
  });
  await bench.open("arabic.txt");
  await page.getByRole("button", { name: "Open with encoding…" }).click();
  await page.getByRole("option", { name: "windows-1256" }).click();
  await expect(bench.workbench.editor).toContainText("سلام");
  await bench.type("x");
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect([...(await bench.read("arabic.txt"))]).toEqual([0x78, 0xd3, 0xe1, 0xc7, 0xe3, 0x0a]);
  await bench.type("Ω");
  await page.keyboard.press("Control+S");
  await expect(page.getByText("windows-1256 has no character “Ω” (line 1)")).toBeVisible();
  await page.getByRole("button", { name: "Save with encoding…" }).click();
  await page.getByRole("option", { name: "UTF-8", exact: true }).click();
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect((await bench.read("arabic.txt")).toString()).toBe("Ωxسلام\n");

  await bench.open("euro.txt");
  await page.getByRole("button", { name: "Open with encoding…" }).click();
  await page.getByRole("option", { name: "windows-1252" }).click();
  await expect(bench.workbench.editor).toContainText("€ é");
  await page.getByRole("button", { name: "CRLF" }).click();
  await page.getByRole("option", { name: "LF (Unix)" }).click();
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await expect.poll(async () => [...(await bench.read("euro.txt"))]).toEqual([0x80, 0x20, 0xe9, 0x0a]);
});

test("EditorConfig is followed in typing and in saving", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, {
    ".editorconfig":
      "root = true\n[*.txt]\nindent_style = tab\ntab_width = 8\ninsert_final_newline = true\ntrim_trailing_whitespace = true\n",
    "f.txt": "a   \nb",
  });
  await bench.open("f.txt");
  await expect(page.getByRole("button", { name: "Tabs: 8" })).toBeVisible();
  await bench.action("Switch autosave off");
  await bench.workbench.editor.locator(".view-lines").click();
  await page.keyboard.press("Control+End");
  await page.keyboard.press("Home");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Control+S");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  expect((await bench.read("f.txt")).toString()).toBe("a\n\tb\n");
});

test("Vim's keys, settings and the language are a person's choice", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, { "v.txt": "one\ntwo\n" });
  await bench.open("v.txt");
  await bench.action("Editor settings");
  const dialog = page.getByRole("dialog", { name: "Editor settings" });
  await dialog.getByLabel("Keys").selectOption("Vim");
  await dialog.getByLabel("Font size").fill("18");
  await page.keyboard.press("Escape");
  await expect(page.getByText("--NORMAL--")).toBeVisible();
  await expect(bench.workbench.editor.locator(".view-line").first()).toHaveCSS("font-size", "18px");
  await bench.workbench.editor.locator(".view-lines").click();
  await page.keyboard.type("ggddihello ");
  await page.keyboard.press("Escape");
  await page.keyboard.type(":w\n");
  await expect.poll(async () => (await bench.read("v.txt")).toString()).toBe("hello two\n");
  await page.getByRole("button", { name: "plaintext" }).click();
  await page.getByPlaceholder("Type to filter").fill("TypeScript");
  await page.getByRole("option", { name: "TypeScript" }).first().click();
  await expect(page.getByRole("button", { name: "typescript" })).toBeVisible();
  await page.reload();
  await expect(page.getByText("--NORMAL--")).toBeVisible();
});
