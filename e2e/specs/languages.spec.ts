import { LanguageBench, MODULES } from "../support/languages";
import { expect, test } from "../support/test";

test.use({ environment: { ATELIER_NODE_READ_ONLY_PATHS: JSON.stringify([MODULES]) } });
// Real servers read whole projects.
test.slow();

test("TypeScript: problems, completion with an import, hover, definition, renaming", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const project = await LanguageBench.create(page, {
    "tsconfig.json": '{ "compilerOptions": { "strict": true, "module": "esnext", "moduleResolution": "bundler", "types": [] }, "include": ["*.ts"] }\n',
    "greet.ts": "/** Greets somebody by name. */\nexport function greetSomebody(name: string): string {\n  return name;\n}\n",
    "other.ts": 'import { greetSomebody } from "./greet";\n\ngreetSomebody("unopened");\n',
    "main.ts": 'const wrong: number = "text";\n',
  });
  const { bench } = project;
  await project.open("main.ts", "TypeScript");

  await page.getByRole("button", { name: /^1 error/ }).click();
  const problem = page.getByRole("listbox", { name: "Problems" }).getByRole("option");
  await expect(problem).toContainText("Type 'string' is not assignable to type 'number'.");
  await problem.click();
  await expect(page.locator(".squiggly-error")).toBeVisible();

  await project.append("greetSome");
  await project.complete("greetSomebody");
  await expect(bench.workbench.editor).toContainText('import { greetSomebody } from "./greet";');
  await page.keyboard.type('("Ada");\n');

  await project.goTo(4, 3);
  await bench.action("Show what is known of the symbol");
  await expect(page.locator(".monaco-hover:visible")).toContainText("Greets somebody by name.");
  await page.keyboard.press("Escape");

  await page.keyboard.press("F12");
  await expect(bench.tab("greet.ts")).toHaveAttribute("aria-selected", "true");
  await expect(bench.workbench.editor).toContainText("return name;");

  await project.goTo(2, 20);
  await page.keyboard.press("F2");
  const field = page.locator(".rename-input");
  await expect(field).toBeVisible();
  await field.fill("welcome");
  await field.press("Enter");
  await expect(page.getByText("3 files were changed")).toBeVisible();
  await expect(bench.workbench.editor).toContainText("export function welcome");
  // One that was open, one that was not, and the one that is shown.
  expect((await bench.read("other.ts")).toString()).toBe(
    'import { welcome } from "./greet";\n\nwelcome("unopened");\n',
  );
  await bench.tab("main.ts").click();
  await expect(bench.workbench.editor).toContainText("welcome(");
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(bench.workbench.editor).toContainText("greetSomebody(");
  await expect
    .poll(async () => (await bench.read("other.ts")).toString())
    .toContain('greetSomebody("unopened")');

  await bench.action("Go to symbol in projects");
  const symbols = page.getByRole("dialog", { name: "Go to symbol in projects" });
  await symbols.getByRole("combobox").fill("greetSome");
  await symbols.getByRole("option").first().click();
  await expect(bench.tab("greet.ts")).toHaveAttribute("aria-selected", "true");
});

test("Python: problems, completion with an import, hover, definition", async ({ owner, page }) => {
  expect(owner.url).toBeTruthy();
  const project = await LanguageBench.create(page, {
    "pyproject.toml": '[project]\nname = "sums"\nversion = "1"\n',
    "sums.py": 'def doubled_value(value: int) -> int:\n    """Doubles a value."""\n    return value * 2\n',
    "main.py": 'wrong: int = "text"\n',
  });
  const { bench } = project;
  // Pyright offers imports from files that it has seen.
  await project.open("sums.py", "Python");
  await project.open("main.py", "Python");
  await page.getByRole("button", { name: /^1 error/ }).click();
  await expect(page.getByRole("listbox", { name: "Problems" })).toContainText("is not assignable to declared type");
  await project.append("doubled");
  await project.complete("doubled_value");
  await expect(bench.workbench.editor).toContainText("from sums import doubled_value");
  await page.keyboard.type("(1)\n");
  await project.goTo(5, 3);
  await bench.action("Show what is known of the symbol");
  await expect(page.locator(".monaco-hover:visible")).toContainText("Doubles a value.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("F12");
  await expect(bench.tab("sums.py")).toHaveAttribute("aria-selected", "true");
});
