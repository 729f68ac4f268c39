/**
 * What we say that we can do. Nothing is registered later, but that files are watched: the agent answers for all
 * viewers at once, and passes on what has changed on disk. The lists of numbers are all kinds and tags that the
 * protocol has (LSP 3.17), and the semantic tokens its types and modifiers. The agent's tests of real servers say the
 * same, from the same file.
 */
import type { ClientCapabilities } from "vscode-languageserver-protocol";
import capabilities from "./capabilities.json";

// JSON's texts and lists are wider types than the protocol's.
export const CAPABILITIES = capabilities as unknown as ClientCapabilities;
