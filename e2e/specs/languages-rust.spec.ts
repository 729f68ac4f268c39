import { LanguageBench } from "../support/languages";
import { expect, test } from "../support/test";

// The workspace finds the rust-analyzer of the server's own toolchain, which `cargo xtask test` sees to.
test.slow();

test("Rust: problems, completion with an import, hover, definition", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const project = await LanguageBench.create(page, {
    "Cargo.toml": '[package]\nname = "sums"\nversion = "0.1.0"\nedition = "2021"\n',
  });
  const { bench } = project;
  await bench.workbench.run(
    "mkdir src && rust-analyzer --version",
    /rust-analyzer \d/,
  );
  await bench.write(
    "src/sums.rs",
    "/// Doubles a value.\npub fn doubled_value(value: i32) -> i32 {\n    value * 2\n}\n",
  );
  await bench.write(
    "src/lib.rs",
    'mod sums;\n\npub fn wrong() -> i32 {\n    "text"\n}\n\npub fn right() -> i32 {\n    double\n}\n',
  );
  await bench.workbench.item("src").click();
  await project.open("lib.rs", "Rust");
  await page.getByRole("button", { name: /^[1-9]\d* errors?/ }).click();
  const problems = page.getByRole("listbox", { name: "Problems" });
  await expect(problems).toContainText(/mismatched types|expected/);
  // As long as it still reads the project it knows of no completion, or not what to import for it: one tries again.
  const imported = /use\s(crate::)?sums::doubled_value;/;
  await expect(async () => {
    if (imported.test((await bench.workbench.editor.textContent()) ?? "")) return;
    await project.goTo(8, 1);
    await page.keyboard.press("Shift+End");
    await page.keyboard.type("    doubled_v");
    await project.complete("doubled_value", { timeout: 10_000 });
    await page.keyboard.press("Escape");
    // As a path from the crate or without, as the version has it.
    await expect(bench.workbench.editor).toContainText(imported, { timeout: 5_000 });
  }).toPass({ timeout: 240_000 });
  await project.goTo(10, 7);
  // It knows nothing of it as long as it still reads the project.
  await expect(async () => {
    await bench.action("Show what is known of the symbol");
    const shown = page.locator(".monaco-hover:visible");
    await expect(shown).toContainText("Doubles a value.", { timeout: 3_000 });
  }).toPass();
  await page.keyboard.press("Escape");
  await expect(async () => {
    await page.keyboard.press("F12");
    await expect(bench.tab("sums.rs")).toHaveAttribute("aria-selected", "true", { timeout: 3_000 });
  }).toPass();
});
