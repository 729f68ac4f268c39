/** Where things are: definitions, references, highlights, symbols of a text. */
import type {
  DocumentHighlight,
  DocumentSymbol,
  Location,
  LocationLink,
  ServerCapabilities,
  SymbolInformation,
} from "vscode-languageserver-protocol";
import { monaco } from "../../monaco";
import type { LanguageClient, TextModel } from "../client";
import { fromRange, toPosition } from "../places";
import { about, type ClientOf, type Register } from "./register";

/** Finds the text that a place is in, so that it can be shown. */
type Locate = (client: LanguageClient, uri: string) => Promise<monaco.Uri | undefined>;

export function registerNavigation(
  of: ClientOf,
  capabilities: ServerCapabilities,
  register: Register,
  locate: Locate,
): void {
  const { languages } = monaco;
  const places = async (
    method: string,
    model: TextModel,
    position: monaco.Position,
    token: monaco.CancellationToken,
    more: object = {},
  ): Promise<monaco.languages.LocationLink[]> => {
    const ours = about(of, model);
    if (!ours) return [];
    const { client, text } = ours;
    const params = { ...text, position: toPosition(position), ...more };
    const found = await client.ask<Location | Location[] | LocationLink[]>(method, params, token);
    const list = found === null ? [] : Array.isArray(found) ? found : [found];
    return linksOf(client, list, locate);
  };
  const goTo =
    (method: string) =>
    (model: TextModel, position: monaco.Position, token: monaco.CancellationToken) =>
      places(method, model, position, token);
  if (capabilities.definitionProvider) {
    const provideDefinition = goTo("textDocument/definition");
    register((selector) => languages.registerDefinitionProvider(selector, { provideDefinition }));
  }
  if (capabilities.declarationProvider) {
    const provideDeclaration = goTo("textDocument/declaration");
    register((selector) => languages.registerDeclarationProvider(selector, { provideDeclaration }));
  }
  if (capabilities.typeDefinitionProvider) {
    const provideTypeDefinition = goTo("textDocument/typeDefinition");
    register((selector) =>
      languages.registerTypeDefinitionProvider(selector, { provideTypeDefinition }),
    );
  }
  if (capabilities.implementationProvider) {
    const provideImplementation = goTo("textDocument/implementation");
    register((selector) =>
      languages.registerImplementationProvider(selector, { provideImplementation }),
    );
  }
  if (capabilities.referencesProvider) {
    register((selector) =>
      languages.registerReferenceProvider(selector, {
        provideReferences: (model, position, context, token) =>
          places("textDocument/references", model, position, token, { context }),
      }),
    );
  }
  if (capabilities.documentHighlightProvider) {
    register((selector) =>
      languages.registerDocumentHighlightProvider(selector, {
        provideDocumentHighlights: async (model, position, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const params = { ...text, position: toPosition(position) };
          const found = await client.ask<DocumentHighlight[]>(
            "textDocument/documentHighlight",
            params,
            token,
          );
          return (found ?? []).map(({ range, kind }) => ({
            range: fromRange(range),
            kind: (kind ?? 1) - 1,
          }));
        },
      }),
    );
  }
  if (capabilities.documentSymbolProvider) {
    register((selector) =>
      languages.registerDocumentSymbolProvider(selector, {
        provideDocumentSymbols: async (model, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const found = await client.ask<DocumentSymbol[] | SymbolInformation[]>(
            "textDocument/documentSymbol",
            text,
            token,
          );
          return (found ?? []).map(symbolOf);
        },
      }),
    );
  }
}

async function linksOf(
  client: LanguageClient,
  list: readonly (Location | LocationLink)[],
  locate: Locate,
): Promise<monaco.languages.LocationLink[]> {
  const links: monaco.languages.LocationLink[] = [];
  for (const place of list) {
    const link = "targetUri" in place;
    const uri = await locate(client, link ? place.targetUri : place.uri);
    if (!uri) continue;
    links.push(
      link
        ? {
            uri,
            range: fromRange(place.targetRange),
            targetSelectionRange: fromRange(place.targetSelectionRange),
            ...(place.originSelectionRange
              ? { originSelectionRange: fromRange(place.originSelectionRange) }
              : {}),
          }
        : { uri, range: fromRange(place.range) },
    );
  }
  return links;
}

function symbolOf(symbol: DocumentSymbol | SymbolInformation): monaco.languages.DocumentSymbol {
  // LSP counts the kinds from 1.
  const kind = (symbol.kind - 1) as monaco.languages.SymbolKind;
  const { name } = symbol;
  if ("location" in symbol) {
    const range = fromRange(symbol.location.range);
    const detail = symbol.containerName ?? "";
    return { name, detail, kind, tags: [], range, selectionRange: range };
  }
  return {
    name,
    detail: symbol.detail ?? "",
    kind,
    tags: [],
    range: fromRange(symbol.range),
    selectionRange: fromRange(symbol.selectionRange),
    children: (symbol.children ?? []).map(symbolOf),
  };
}
