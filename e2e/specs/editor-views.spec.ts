import { PDF } from "../support/documents";
import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";
import { Workbench } from "../support/workbench";

const MARKDOWN = `# Title

<script>document.title = "stolen"</script>

![A drawing](logo.svg) and [the code](code.ts).
`;

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>alert(1)</script></svg>';

test("Markdown, images, PDF and bytes are shown, and run nothing", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, {
    "read.md": MARKDOWN,
    "code.ts": "export const code = 1;\n",
    "logo.svg": SVG,
    "paper.pdf": PDF,
    "blob.bin": Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]),
  });
  await bench.open("read.md");
  await page.getByRole("button", { name: "Preview Markdown to the side" }).click();
  const preview = page.getByRole("region", { name: "Preview of read.md" });
  await expect(preview.getByRole("heading", { name: "Title" })).toBeVisible();
  await expect(preview.getByRole("img", { name: "A drawing" })).toBeVisible();
  await bench.type("# New first\n\n");
  await expect(preview.getByRole("heading", { name: "New first" })).toBeVisible();
  await preview.getByRole("link", { name: "the code" }).click();
  await expect(bench.tab("code.ts")).toBeVisible();
  await expect(page).toHaveTitle(/editing/);

  await bench.open("logo.svg");
  await expect(page.getByText("40 × 20")).toBeVisible();
  await page.getByRole("button", { name: "Zoom in" }).click();
  await expect(page.getByText("150%")).toBeVisible();
  await bench.open("paper.pdf");
  await expect(page.getByRole("figure", { name: "Page 1" })).toContainText("Hello paper");
  await bench.open("blob.bin");
  await expect(page.getByText("This file is binary", { exact: false })).toBeVisible();
  await expect(page.getByRole("document", { name: "Bytes of blob.bin" })).toContainText("7f 45 4c 46");
});

test("Monaco's own languages check what was open before the page was loaded", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const errors: string[] = [];
  page.on("pageerror", ({ message }) => errors.push(message));
  const workbench = await Workbench.create(page, "syntax", "empty");
  await workbench.run("echo 'const a = ;' > a.ts; echo '{\"a\" 1}' > b.json; echo WRIT''TEN", "WRITTEN");
  for (const name of ["a.ts", "b.json"]) {
    await workbench.item(name).dblclick();
    await expect(page.locator(".squiggly-error").first()).toBeVisible();
    await page.reload();
    await expect(page.locator(".squiggly-error").first()).toBeVisible();
  }
  expect(errors).toEqual([]);
});

test("a large file is read in windows, searched and followed", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, {});
  await bench.workbench.run(
    "seq -f 'line %.0f of a large file' 1000000 > big.log && tr -d '\\n' < big.log > one.json && echo MA''DE",
    "MADE",
  );
  await bench.open("big.log");
  const content = page.getByRole("document", { name: "Content of big.log" });
  await expect(content).toContainText("line 1 of a large file");
  await page.getByLabel("Go to line or offset").fill("765432");
  await page.keyboard.press("Enter");
  await expect(content).toContainText("line 765432 of");
  await expect(content).toContainText("765432");
  await page.getByLabel("Find in file").fill("LINE 900001 of");
  await page.keyboard.press("Enter");
  await expect(content).toContainText("line 900001 of");
  await page.getByRole("button", { name: "Follow the end" }).click();
  await expect(content).toContainText("line 1000000 of");
  await bench.workbench.run("clear; echo appended >> big.log; echo GR''OWN", "GROWN");
  await expect(content).toContainText("appended");
  await content.press("Home");
  await expect(content).toContainText("line 1 of");

  // One line of more than twenty megabytes.
  await bench.open("one.json");
  await expect(page.getByRole("document", { name: "Content of one.json" })).toContainText("line 1 of");
});
