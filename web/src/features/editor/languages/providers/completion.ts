/** Completion with resolve and automatic imports, hover, signature help. */
import type {
  CompletionItem,
  CompletionTriggerKind,
  Hover,
  MarkedString,
  MarkupContent,
  ServerCapabilities,
  SignatureHelp,
  TextEdit,
} from "vscode-languageserver-protocol";
import { monaco } from "../../monaco";
import type { LanguageClient, TextModel } from "../client";
import { fromRange, toPosition } from "../places";
import { commandOf } from "./commands";
import { CompletionList } from "./completion-list";
import { about, type ClientOf, type Register } from "./register";

const { CompletionItemKind, CompletionItemInsertTextRule, CompletionItemTag } = monaco.languages;

/** Monaco's kinds in the order of LSP's, which begin at 1. */
const KINDS = [
  CompletionItemKind.Text,
  CompletionItemKind.Method,
  CompletionItemKind.Function,
  CompletionItemKind.Constructor,
  CompletionItemKind.Field,
  CompletionItemKind.Variable,
  CompletionItemKind.Class,
  CompletionItemKind.Interface,
  CompletionItemKind.Module,
  CompletionItemKind.Property,
  CompletionItemKind.Unit,
  CompletionItemKind.Value,
  CompletionItemKind.Enum,
  CompletionItemKind.Keyword,
  CompletionItemKind.Snippet,
  CompletionItemKind.Color,
  CompletionItemKind.File,
  CompletionItemKind.Reference,
  CompletionItemKind.Folder,
  CompletionItemKind.EnumMember,
  CompletionItemKind.Constant,
  CompletionItemKind.Struct,
  CompletionItemKind.Event,
  CompletionItemKind.Operator,
  CompletionItemKind.TypeParameter,
];

/** An item that remembers what the server said of it. */
interface OurItem extends monaco.languages.CompletionItem {
  client: LanguageClient;
  list: CompletionList;
  lsp: CompletionItem;
}

export function registerCompletion(
  of: ClientOf,
  capabilities: ServerCapabilities,
  register: Register,
): void {
  const { completionProvider, hoverProvider, signatureHelpProvider } = capabilities;
  if (completionProvider) {
    register((selector) =>
      monaco.languages.registerCompletionItemProvider(selector, {
        triggerCharacters: completionProvider.triggerCharacters ?? [],
        provideCompletionItems: async (model, position, context, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const { triggerKind, triggerCharacter } = context;
          const list = new CompletionList(client, {
            ...text,
            position: toPosition(position),
            context: {
              // Monaco's kinds are those of the protocol, but begin at 0.
              triggerKind: (triggerKind + 1) as CompletionTriggerKind,
              ...(triggerCharacter ? { triggerCharacter } : {}),
            },
          });
          if (!(await list.ask(token)) || token.isCancellationRequested) return null;
          const word = wordAt(model, position);
          return {
            suggestions: list.items.map((item) => itemOf({ client, list }, item, word)),
            incomplete: list.incomplete,
          };
        },
        ...(completionProvider.resolveProvider
          ? {
              resolveCompletionItem: async (item) => {
                const { client, list, lsp, range } = item as OurItem;
                return itemOf({ client, list }, await list.resolve(lsp), range);
              },
            }
          : {}),
      }),
    );
  }
  if (hoverProvider) {
    register((selector) =>
      monaco.languages.registerHoverProvider(selector, {
        provideHover: async (model, position, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const params = { ...text, position: toPosition(position) };
          const hover = await client.ask<Hover>("textDocument/hover", params, token);
          if (!hover) return null;
          const contents = Array.isArray(hover.contents) ? hover.contents : [hover.contents];
          return {
            contents: contents.map(markdownOf).filter(({ value }) => value !== ""),
            ...(hover.range ? { range: fromRange(hover.range) } : {}),
          };
        },
      }),
    );
  }
  if (signatureHelpProvider) {
    register((selector) =>
      monaco.languages.registerSignatureHelpProvider(selector, {
        signatureHelpTriggerCharacters: signatureHelpProvider.triggerCharacters ?? [],
        signatureHelpRetriggerCharacters: signatureHelpProvider.retriggerCharacters ?? [],
        provideSignatureHelp: async (model, position, token, context) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text } = ours;
          const help = await client.ask<SignatureHelp>(
            "textDocument/signatureHelp",
            {
              ...text,
              position: toPosition(position),
              context: {
                triggerKind: context.triggerKind,
                isRetrigger: context.isRetrigger,
                ...(context.triggerCharacter ? { triggerCharacter: context.triggerCharacter } : {}),
              },
            },
            token,
          );
          return help && { value: signatureOf(help), dispose: () => undefined };
        },
      }),
    );
  }
}

/** What is replaced where the server names no range: the word before the cursor, or all of it. */
function wordAt(model: TextModel, position: monaco.Position) {
  const { lineNumber } = position;
  const until = model.getWordUntilPosition(position);
  const all = model.getWordAtPosition(position);
  const range = (endColumn: number) =>
    new monaco.Range(lineNumber, until.startColumn, lineNumber, endColumn);
  return {
    insert: range(position.column),
    replace: range(Math.max(position.column, all?.endColumn ?? position.column)),
  };
}

function itemOf(
  { client, list }: Pick<OurItem, "client" | "list">,
  item: CompletionItem,
  word: OurItem["range"],
): OurItem {
  const { textEdit, labelDetails } = item;
  const range = textEdit
    ? "range" in textEdit
      ? fromRange(textEdit.range)
      : { insert: fromRange(textEdit.insert), replace: fromRange(textEdit.replace) }
    : word;
  const rules =
    (item.insertTextFormat === 2 ? CompletionItemInsertTextRule.InsertAsSnippet : 0) |
    (item.insertTextMode === 1 ? CompletionItemInsertTextRule.KeepWhitespace : 0);
  const deprecated = item.deprecated || item.tags?.includes(1);
  return {
    client,
    list,
    lsp: item,
    label: labelDetails
      ? {
          label: item.label,
          ...(labelDetails.detail ? { detail: labelDetails.detail } : {}),
          ...(labelDetails.description ? { description: labelDetails.description } : {}),
        }
      : item.label,
    kind: KINDS[(item.kind ?? 1) - 1] ?? CompletionItemKind.Text,
    insertText: textEdit?.newText ?? item.insertText ?? item.label,
    insertTextRules: rules,
    range,
    ...(item.sortText !== undefined ? { sortText: item.sortText } : {}),
    ...(item.filterText !== undefined ? { filterText: item.filterText } : {}),
    ...(item.preselect ? { preselect: true } : {}),
    ...(item.detail !== undefined ? { detail: item.detail } : {}),
    ...(item.documentation ? { documentation: markdownOf(item.documentation) } : {}),
    ...(item.commitCharacters ? { commitCharacters: item.commitCharacters } : {}),
    ...(deprecated ? { tags: [CompletionItemTag.Deprecated] } : {}),
    ...(item.additionalTextEdits ? { additionalTextEdits: editsOf(item.additionalTextEdits) } : {}),
    ...(item.command ? { command: commandOf(client, { command: item.command }) } : {}),
  };
}

function editsOf(edits: readonly TextEdit[]): monaco.languages.TextEdit[] {
  return edits.map(({ range, newText }) => ({ range: fromRange(range), text: newText }));
}

/** Markdown from a server: shown without its HTML, and its links run nothing. */
export function markdownOf(content: MarkupContent | MarkedString): monaco.IMarkdownString {
  if (typeof content === "string") return { value: content };
  if ("kind" in content) {
    const { kind, value } = content;
    return { value: kind === "markdown" ? value : `\`\`\`text\n${value}\n\`\`\`` };
  }
  return { value: `\`\`\`${content.language}\n${content.value}\n\`\`\`` };
}

function signatureOf(help: SignatureHelp): monaco.languages.SignatureHelp {
  return {
    activeSignature: help.activeSignature ?? 0,
    activeParameter: help.activeParameter ?? 0,
    signatures: help.signatures.map((signature) => ({
      label: signature.label,
      ...(signature.documentation ? { documentation: markdownOf(signature.documentation) } : {}),
      ...(signature.activeParameter != null ? { activeParameter: signature.activeParameter } : {}),
      parameters: (signature.parameters ?? []).map(({ label, documentation }) => ({
        label,
        ...(documentation ? { documentation: markdownOf(documentation) } : {}),
      })),
    })),
  };
}
