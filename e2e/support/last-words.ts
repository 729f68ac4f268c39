import { readFileSync } from "node:fs";
import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** How much of a failure is said again, in lines. */
const LINES = 14;

/** How much of the page that it failed on is said, in lines. */
const PAGE_LINES = 60;

/** What the page showed then, as Playwright wrote it down: its picture stays where it was taken. */
function shown(result: TestResult): string {
  const context = result.attachments.find(({ name }) => name === "error-context");
  const text = context?.body?.toString() ?? (context?.path ? readFileSync(context.path, "utf8") : "");
  const snapshot = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "";
  return snapshot.split("\n").slice(0, PAGE_LINES).join("\n    ");
}

/** Says at the end once more why tests failed: of a long run's output, often only the end is kept. */
export default class LastWords implements Reporter {
  readonly #failed: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === "skipped") {
      return;
    }
    const words = result.errors.map((error) => error.message ?? String(error.value)).join("\n");
    const first = words.split("\n").slice(0, LINES).join("\n    ");
    this.#failed.push(
      `  ${test.titlePath().filter(Boolean).join(" › ")}:\n    ${first}\n    ${shown(result)}`,
    );
  }

  onEnd(_result: FullResult): void {
    if (this.#failed.length > 0) {
      process.stdout.write(`\n${this.#failed.join("\n\n")}\n\n`);
    }
  }

  printsToStdio(): boolean {
    return true;
  }
}
