/** What is drawn into a text: inlay hints and semantic colours. */
import type {
  InlayHint,
  SemanticTokens,
  SemanticTokensOptions,
  ServerCapabilities,
} from "vscode-languageserver-protocol";
import { monaco } from "../../monaco";
import { toRange } from "../places";
import { markdownOf } from "./completion";
import { about, type ClientOf, type Register } from "./register";

/** Registers them; what is returned has them drawn anew. */
export function registerDecorations(
  of: ClientOf,
  capabilities: ServerCapabilities,
  register: Register,
): { refresh(): void } {
  const hints = new monaco.Emitter<void>();
  const tokens = new monaco.Emitter<void>();
  if (capabilities.inlayHintProvider) {
    register((selector) =>
      monaco.languages.registerInlayHintsProvider(selector, {
        onDidChangeInlayHints: hints.event,
        provideInlayHints: async (model, range, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const params = { ...text, range: toRange(range) };
          const found = await client.ask<InlayHint[]>("textDocument/inlayHint", params, token);
          return { hints: (found ?? []).map(hintOf), dispose: () => undefined };
        },
      }),
    );
  }
  const provider = capabilities.semanticTokensProvider as SemanticTokensOptions | undefined;
  if (provider?.full) {
    register((selector) =>
      monaco.languages.registerDocumentSemanticTokensProvider(selector, {
        onDidChange: tokens.event,
        getLegend: () => provider.legend,
        provideDocumentSemanticTokens: async (model, _last, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const found = await client.ask<SemanticTokens>(
            "textDocument/semanticTokens/full",
            text,
            token,
          );
          return found && { data: new Uint32Array(found.data) };
        },
        releaseDocumentSemanticTokens: () => undefined,
      }),
    );
  }
  return {
    refresh: () => {
      hints.fire();
      tokens.fire();
    },
  };
}

function hintOf(hint: InlayHint): monaco.languages.InlayHint {
  const { position, label, kind, tooltip, paddingLeft, paddingRight } = hint;
  return {
    position: { lineNumber: position.line + 1, column: position.character + 1 },
    label: typeof label === "string" ? label : label.map(({ value }) => value).join(""),
    ...(kind ? { kind } : {}),
    ...(tooltip ? { tooltip: markdownOf(tooltip) } : {}),
    ...(paddingLeft ? { paddingLeft } : {}),
    ...(paddingRight ? { paddingRight } : {}),
  };
}
