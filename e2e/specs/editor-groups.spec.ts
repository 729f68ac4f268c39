import { EditorBench } from "../support/editor";
import { expect, test } from "../support/test";

const FILES = {
  "a.ts": "export const a = 1;\n",
  "b.ts": "export const b = 2;\n",
  "c.ts": Array.from({ length: 300 }, (_, line) => `const line${line + 1} = 0;`).join("\n"),
};

test("tabs are looked into, kept, pinned, moved, closed and opened again", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, FILES);
  await bench.workbench.item("a.ts").click();
  await expect(bench.tab("a.ts")).toBeVisible();
  await bench.workbench.item("b.ts").click();
  // It has taken the place of what was only looked into.
  await expect(bench.tab("b.ts")).toBeVisible();
  await expect(bench.tab("a.ts")).toBeHidden();
  for (const name of ["b.ts", "a.ts", "c.ts"]) await bench.open(name);
  await expect(page.getByRole("tab", { name: /\.ts/ })).toHaveCount(3);

  await bench.action("Pin tab");
  await expect(page.getByRole("tab", { name: /\.ts/ }).first()).toHaveAccessibleName("c.ts");
  await bench.tab("b.ts").click();
  await bench.tab("b.ts").press("Alt+ArrowRight");
  await expect(page.getByRole("tab", { name: /\.ts/ }).last()).toHaveAccessibleName("b.ts");
  await bench.action("Close other tabs");
  await expect(bench.tab("a.ts")).toBeHidden();
  await expect(bench.tab("c.ts")).toBeVisible();
  await bench.action("Reopen closed tab");
  await expect(bench.tab("a.ts")).toBeVisible();
});

test("groups share a file's text, keep their places, and come back", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const bench = await EditorBench.create(page, FILES);
  await bench.open("c.ts");
  await expect(bench.group(0)).toContainText("line1 ");
  await bench.action("Split editor to the side");
  await expect(bench.group(1).locator(".view-lines")).toContainText("line1 ");
  await bench.type("// seen twice\n", 0);
  await expect(bench.group(1)).toContainText("seen twice");

  await bench.group(1).locator(".view-lines").click();
  await page.keyboard.press("Control+End");
  await expect(bench.group(1)).toContainText("line300");
  await expect(bench.group(0)).not.toContainText("line300");
  await expect(page.getByText("Saved", { exact: true })).toBeVisible();
  await page.reload();
  await expect(bench.group(1)).toContainText("line300");
  await expect(bench.group(0)).toContainText("seen twice");

  await bench.open("a.ts");
  await expect(bench.group(1).getByRole("tab", { name: "a.ts" })).toBeVisible();
  await bench.action("Move tab to the previous group");
  await expect(bench.group(0).getByRole("tab", { name: "a.ts" })).toBeVisible();
  // Dragged to the lower edge, it has a group of its own there.
  const target = bench.group(1).getByRole("tabpanel");
  const box = await target.boundingBox();
  await bench
    .group(0)
    .getByRole("tab", { name: "a.ts" })
    .dragTo(target, { targetPosition: { x: (box?.width ?? 0) / 2, y: (box?.height ?? 0) - 10 } });
  await expect(page.getByRole("region", { name: /^Editor group/ })).toHaveCount(3);
});
