import { defineConfig } from "@playwright/test";
import type { Options } from "./support/test";

/** What Chromium needs to run as root in a container, and to keep quiet. */
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-default-apps",
  "--disable-dev-shm-usage",
];

/** Another machine is a network namespace, which only root can make. */
const isRoot = process.getuid?.() === 0;

/** Not every network lets through what Rust's language server comes from; `cargo xtask test` says so then. */
const LEFT_OUT = process.env.ATELIER_NO_RUST_ANALYZER ? ["languages-rust.spec.ts"] : [];

export default defineConfig<Options>({
  testDir: "specs",
  // Every test has a server, a node and workspaces of its own; two at once is what two cores bear.
  workers: 2,
  // A test that passes at the second attempt has failed.
  retries: 0,
  forbidOnly: true,
  // Patience costs a passing test nothing, and one machine of CI takes twice the time of another.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  reporter: [["list"], ["./support/last-words.ts"]],
  projects: [
    {
      name: "local",
      testIgnore: [...(isRoot ? [] : ["servers.spec.ts", "accessibility-servers.spec.ts"]), ...LEFT_OUT],
    },
    // The same, unchanged, on a server that joined.
    ...(isRoot
      ? [
          {
            name: "remote",
            testMatch: [
              "first-steps.spec.ts",
              "files.spec.ts",
              "files-upload.spec.ts",
              "editor-disk.spec.ts",
              "editor-groups.spec.ts",
              "editor-text.spec.ts",
              "editor-views.spec.ts",
              "terminals.spec.ts",
              "share.spec.ts",
              "search.spec.ts",
              "languages.spec.ts",
              "languages-rust.spec.ts",
              "git.spec.ts",
              "ports.spec.ts",
              "vscode.spec.ts",
            ],
            testIgnore: LEFT_OUT,
            use: { remote: true },
          },
        ]
      : []),
    // Figures, and no part of the tests: see the file's own words.
    ...(process.env.ATELIER_BENCH === undefined
      ? []
      : [
          {
            name: "benchmark",
            testDir: "benchmark",
            testMatch: "*.bench.ts",
            // It looks at the page while it is measured.
            use: { screenshot: "off" as const },
          },
        ]),
  ],
  use: {
    browserName: "chromium",
    launchOptions: {
      executablePath: process.env.ATELIER_CHROMIUM ?? "/usr/bin/chromium",
      args: CHROMIUM_FLAGS,
    },
    locale: "en-US",
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    // A fifth of the tests' time, and nobody can open one that was made elsewhere: `--trace on` for one that fails here.
    trace: "off",
  },
});
