import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { createStore } from "zustand/vanilla";
import { loadTexts, startI18n } from "@/lib/i18n";
import type { EditorSession } from "../session";
import { LanguageStatus } from "./language-status";
import { createLanguagesStore, type LanguageServer } from "./store";

const SERVER: LanguageServer = {
  language: "rust",
  title: "Rust",
  root: "",
  workspace_uri: "file:///workspace/",
  state: "ready",
  since: 1,
  command: ["rust-analyzer"],
  memory_bytes: 1,
  viewers: 1,
  restarts: 0,
};

test("a server that answers says what it is busy with, until it is done", async () => {
  await startI18n();
  await loadTexts("editor");
  const languages = createLanguagesStore();
  const session = {
    host: "wsp_1",
    state: createStore(() => ({ activePath: "src/lib.rs" })),
  } as unknown as EditorSession;
  const be = (server: Partial<LanguageServer> & { connected?: boolean }) =>
    act(async () =>
      languages.setState({
        servers: { "rust:": { connected: true, ...SERVER, ...server } },
        serverOf: { "src/lib.rs": "rust:" },
      }),
    );
  render(
    <QueryClientProvider client={new QueryClient()}>
      <LanguageStatus session={session} languages={languages} onProblems={() => undefined} />
    </QueryClientProvider>,
  );
  const work = { title: "Indexing", percentage: 40 };
  await be({ work });
  await screen.findByRole("button", { name: "Rust: Indexing (40%)" });
  await be({ work: { title: "Fetching" } });
  screen.getByRole("button", { name: "Rust: Fetching" });
  // Of one that cannot be asked, that is said first.
  await be({ work, connected: false });
  screen.getByRole("button", { name: "Rust: connecting" });
  await be({});
  expect(screen.getByRole("button", { name: "Rust: ready" }).textContent).toBe("Rust");
});
