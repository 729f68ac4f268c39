import type { FullResult, Reporter, TestCase, TestResult } from "@playwright/test/reporter";

/** How much of a failure is said again, in lines. */
const LINES = 14;

/** Says at the end once more why tests failed: of a long run's output, often only the end is kept. */
export default class LastWords implements Reporter {
  readonly #failed: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === "skipped") {
      return;
    }
    const words = result.errors.map((error) => error.message ?? String(error.value)).join("\n");
    const first = words.split("\n").slice(0, LINES).join("\n    ");
    this.#failed.push(`  ${test.titlePath().filter(Boolean).join(" › ")}:\n    ${first}`);
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
