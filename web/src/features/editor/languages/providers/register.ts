/** What all of a client's providers have in common. */
import type { languages } from "monaco-editor";
import type { LanguageClient, TextModel } from "../client";

/** Registers a provider for the client's languages, until the client is gone. */
export type Register = (
  register: (selector: languages.LanguageFilter[]) => { dispose(): void },
) => void;

/** The text that a request is about, where it is this client's. */
export function about(
  client: LanguageClient,
  model: TextModel,
): { textDocument: { uri: string } } | undefined {
  const text = client.textOf(model);
  return text && { textDocument: { uri: client.uri(text.path) } };
}
