/** What all providers have in common. */
import type { languages } from "monaco-editor";
import type { LanguageClient, TextModel } from "../client";

/** Registers a provider for a language, until none of its servers answers any more. */
export type Register = (
  register: (selector: languages.LanguageFilter[]) => { dispose(): void },
) => void;

/** The client whose server knows a text: two projects of one language have a server each. */
export type ClientOf = (model: TextModel) => LanguageClient | undefined;

/** The client that is to be asked about a text, and how the text is called there. */
export function about(
  of: ClientOf,
  model: TextModel,
): { client: LanguageClient; path: string; text: { textDocument: { uri: string } } } | undefined {
  const client = of(model);
  const open = client?.textOf(model);
  if (!client || !open) return undefined;
  const { path } = open;
  return { client, path, text: { textDocument: { uri: client.uri(path) } } };
}
