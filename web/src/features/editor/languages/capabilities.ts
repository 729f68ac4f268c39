/** What we say that we can do. Nothing is registered later: the agent answers for all viewers at once. */
import type { ClientCapabilities, SemanticTokensLegend } from "vscode-languageserver-protocol";

const range = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** The token types and modifiers of LSP 3.17. */
const LEGEND: SemanticTokensLegend = {
  tokenTypes:
    "namespace type class enum interface struct typeParameter parameter variable property enumMember event function method macro keyword modifier comment string number regexp operator decorator".split(
      " ",
    ),
  tokenModifiers:
    "declaration definition readonly static deprecated abstract async modification documentation defaultLibrary".split(
      " ",
    ),
};

const MARKDOWN: ["markdown", "plaintext"] = ["markdown", "plaintext"];

export const CAPABILITIES: ClientCapabilities = {
  workspace: {
    applyEdit: true,
    workspaceEdit: { documentChanges: true },
    // The agent passes on what has changed on disk.
    didChangeWatchedFiles: { dynamicRegistration: true },
    symbol: { symbolKind: { valueSet: range(26) as never } },
    executeCommand: {},
    semanticTokens: { refreshSupport: true },
    inlayHint: { refreshSupport: true },
    diagnostics: { refreshSupport: true },
  },
  textDocument: {
    synchronization: { didSave: true },
    completion: {
      contextSupport: true,
      insertTextMode: 1,
      completionItemKind: { valueSet: range(25) as never },
      completionItem: {
        snippetSupport: true,
        commitCharactersSupport: true,
        documentationFormat: MARKDOWN,
        deprecatedSupport: true,
        preselectSupport: true,
        insertReplaceSupport: true,
        labelDetailsSupport: true,
        tagSupport: { valueSet: [1] },
        resolveSupport: {
          properties: ["documentation", "detail", "additionalTextEdits", "command"],
        },
      },
    },
    hover: { contentFormat: MARKDOWN },
    signatureHelp: {
      contextSupport: true,
      signatureInformation: {
        documentationFormat: MARKDOWN,
        parameterInformation: { labelOffsetSupport: true },
        activeParameterSupport: true,
      },
    },
    definition: { linkSupport: true },
    declaration: { linkSupport: true },
    typeDefinition: { linkSupport: true },
    implementation: { linkSupport: true },
    references: {},
    documentHighlight: {},
    documentSymbol: {
      hierarchicalDocumentSymbolSupport: true,
      symbolKind: { valueSet: range(26) as never },
    },
    codeAction: {
      isPreferredSupport: true,
      disabledSupport: true,
      dataSupport: true,
      resolveSupport: { properties: ["edit", "command"] },
      codeActionLiteralSupport: {
        codeActionKind: {
          valueSet: ["", "quickfix", "refactor", "source", "source.organizeImports"],
        },
      },
    },
    formatting: {},
    rangeFormatting: {},
    rename: { prepareSupport: true },
    publishDiagnostics: {
      relatedInformation: true,
      tagSupport: { valueSet: [1, 2] },
      codeDescriptionSupport: true,
      dataSupport: true,
    },
    diagnostic: {},
    inlayHint: { resolveSupport: { properties: ["tooltip"] } },
    callHierarchy: {},
    semanticTokens: {
      ...LEGEND,
      formats: ["relative"],
      requests: { full: true },
      multilineTokenSupport: true,
      overlappingTokenSupport: false,
    },
  },
  window: { workDoneProgress: true, showMessage: {} },
  general: { positionEncodings: ["utf-16"], markdown: { parser: "monaco" } },
};
