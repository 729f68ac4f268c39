/** What changes texts: renaming, code actions, formatting. */
import type {
  CodeAction,
  Command,
  Diagnostic,
  PrepareRenameResult,
  ServerCapabilities,
  TextEdit,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import { monaco } from "../../monaco";
import type { LanguageClient, TextModel } from "../client";
import { formattingOptions } from "../formatting-options";
import { fromRange, toPosition, toRange } from "../places";
import { commandOf } from "./commands";
import { about, type ClientOf, type Register } from "./register";

interface ChangeEnvironment {
  apply(client: LanguageClient, edit: WorkspaceEdit): Promise<boolean>;
  /** What the server has said of a text, to be sent back to it. */
  diagnostics(path: string): readonly Diagnostic[];
}

interface OurAction extends monaco.languages.CodeAction {
  client: LanguageClient;
  lsp: CodeAction;
}

export function registerChanges(
  of: ClientOf,
  capabilities: ServerCapabilities,
  register: Register,
  environment: ChangeEnvironment,
): void {
  const { languages } = monaco;
  const { renameProvider, codeActionProvider } = capabilities;
  if (renameProvider) {
    const prepares = typeof renameProvider === "object" && renameProvider.prepareProvider;
    register((selector) =>
      languages.registerRenameProvider(selector, {
        provideRenameEdits: async (model, position, newName) => {
          const ours = about(of, model);
          if (!ours) return { edits: [] };
          const { client, text } = ours;
          const params = { ...text, position: toPosition(position), newName };
          try {
            const edit = await client.demand<WorkspaceEdit>("textDocument/rename", params);
            // Monaco would change only what is open; so it is given nothing more to do.
            if (edit) await environment.apply(client, edit);
            return { edits: [] };
          } catch (error) {
            return { edits: [], rejectReason: error instanceof Error ? error.message : "" };
          }
        },
        ...(prepares
          ? {
              resolveRenameLocation: (model, position, token) =>
                prepareRename(of, model, position, token),
            }
          : {}),
      }),
    );
  }
  if (codeActionProvider) {
    const resolves = typeof codeActionProvider === "object" && codeActionProvider.resolveProvider;
    register((selector) =>
      languages.registerCodeActionProvider(selector, {
        provideCodeActions: async (model, range, context, token) => {
          const ours = about(of, model);
          if (!ours) return null;
          const { client, text, path } = ours;
          const touches = (diagnostic: Diagnostic) =>
            monaco.Range.areIntersectingOrTouching(fromRange(diagnostic.range), range);
          const found = await client.ask<(Command | CodeAction)[]>(
            "textDocument/codeAction",
            {
              ...text,
              range: toRange(range),
              context: {
                diagnostics: environment.diagnostics(path).filter(touches),
                ...(context.only ? { only: [context.only] } : {}),
                triggerKind: context.trigger,
              },
            },
            token,
          );
          const actions = (found ?? []).map((action) => actionOf(client, action));
          return { actions, dispose: () => undefined };
        },
        ...(resolves
          ? {
              resolveCodeAction: async (action, token) => {
                const { client, lsp } = action as OurAction;
                if (lsp.edit) return action;
                const resolved = await client.ask<CodeAction>("codeAction/resolve", lsp, token);
                return resolved ? { ...action, ...actionOf(client, resolved) } : action;
              },
            }
          : {}),
      }),
    );
  }
  registerFormatting(of, capabilities, register);
}

function registerFormatting(
  of: ClientOf,
  capabilities: ServerCapabilities,
  register: Register,
): void {
  const { languages } = monaco;
  const format = async (
    method: string,
    model: TextModel,
    options: monaco.languages.FormattingOptions,
    token: monaco.CancellationToken,
    more: object = {},
  ) => {
    const ours = about(of, model);
    if (!ours) return null;
    const { client, text } = ours;
    const params = { ...text, options: formattingOptions(model, options), ...more };
    const edits = await client.ask<TextEdit[]>(method, params, token);
    return edits?.map(({ range, newText }) => ({ range: fromRange(range), text: newText })) ?? null;
  };
  if (capabilities.documentFormattingProvider) {
    register((selector) =>
      languages.registerDocumentFormattingEditProvider(selector, {
        provideDocumentFormattingEdits: (model, options, token) =>
          format("textDocument/formatting", model, options, token),
      }),
    );
  }
  if (capabilities.documentRangeFormattingProvider) {
    register((selector) =>
      languages.registerDocumentRangeFormattingEditProvider(selector, {
        provideDocumentRangeFormattingEdits: (model, range, options, token) =>
          format("textDocument/rangeFormatting", model, options, token, { range: toRange(range) }),
      }),
    );
  }
}

async function prepareRename(
  of: ClientOf,
  model: TextModel,
  position: monaco.Position,
  token: monaco.CancellationToken,
): Promise<monaco.languages.RenameLocation & monaco.languages.Rejection> {
  const nothing = new monaco.Range(1, 1, 1, 1);
  const ours = about(of, model);
  if (!ours || token.isCancellationRequested) return { range: nothing, text: "", rejectReason: "" };
  const { client, text } = ours;
  const params = { ...text, position: toPosition(position) };
  let found: PrepareRenameResult | null;
  try {
    found = await client.demand<PrepareRenameResult>("textDocument/prepareRename", params);
  } catch (error) {
    const rejectReason = error instanceof Error ? error.message : "";
    return { range: nothing, text: "", rejectReason };
  }
  const word = model.getWordAtPosition(position);
  if (found && "start" in found) {
    const range = fromRange(found);
    return { range, text: model.getValueInRange(range) };
  }
  if (found && "range" in found) return { range: fromRange(found.range), text: found.placeholder };
  if (!word) return { range: nothing, text: "", rejectReason: "" };
  const { lineNumber } = position;
  const range = new monaco.Range(lineNumber, word.startColumn, lineNumber, word.endColumn);
  return found ? { range, text: word.word } : { range, text: word.word, rejectReason: word.word };
}

/** Monaco runs the command; the edit is in it, because files that are not open are edited too. */
function actionOf(client: LanguageClient, action: Command | CodeAction): OurAction {
  if (typeof action.command === "string") {
    const command = action as Command;
    return {
      client,
      lsp: { title: command.title },
      title: command.title,
      command: commandOf(client, { command }),
    };
  }
  const lsp = action as CodeAction;
  const { title, kind, isPreferred, disabled, edit, command } = lsp;
  return {
    client,
    lsp,
    title,
    ...(kind !== undefined ? { kind } : {}),
    ...(isPreferred ? { isPreferred } : {}),
    ...(disabled ? { disabled: disabled.reason } : {}),
    ...(edit || command ? { command: commandOf(client, { edit, command }) } : {}),
  };
}
