/** The language servers of what is open in the editor. A lazy chunk, loaded with the first such file. */
import i18next from "i18next";
import { toast } from "sonner";
import type {
  CallHierarchyIncomingCall,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  Diagnostic,
  SymbolInformation,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import { agentApi, agentPath } from "@/api/agent";
import { socketUrl } from "@/api/client";
import type { components } from "@/api/schema.gen";

import { failureOf, httpFiles } from "../files";
import { type MonacoBuffer, monaco } from "../monaco";
import type { EditorSession } from "../session";
import type { DiskChanges } from "../use-editor";
import { BackgroundTexts, placeOfUri } from "./background";
import { setBuiltIn } from "./built-in";
import { LanguageClient, type OpenText } from "./client";
import { applyEdit } from "./edits";
import { lspLanguage, monacoLanguage } from "./names";
import { registerChanges } from "./providers/changes";
import { registerCommands } from "./providers/commands";
import { registerCompletion } from "./providers/completion";
import { registerDecorations } from "./providers/decorations";
import { registerNavigation } from "./providers/navigation";
import type { ClientOf, Register } from "./providers/register";
import { type LanguagesStore, type NamedPlace, type Problem, SEVERITIES, serverKey } from "./store";

type KnownLanguage = components["schemas"]["KnownLanguage"];

/** The longest text that is sent to a server, in characters; the agent takes 4 MiB a message. */
const TEXT_MAX = 2_000_000;

/** How long a server without open files stays connected: a tab is closed and opened again. */
const LEAVE_AFTER_MS = 60_000;

/** How long an edit of many files can be taken back by its message. */
const UNDO_MS = 20_000;

/** How many symbols or calls are listed. */
const PLACES_MAX = 200;

export class LanguageManager {
  private known: readonly KnownLanguage[] = [];
  private readonly clients = new Map<string, LanguageClient>();
  /** What is registered with Monaco for a language, in place of its own features. */
  private readonly registered = new Map<
    string,
    { dispose(): void; decorations: { refresh(): void } }
  >();
  private readonly leaving = new Map<string, ReturnType<typeof setTimeout>>();
  /** The text of each open path that has, or is getting, a server. */
  private readonly texts = new Map<string, OpenText>();
  private readonly diagnostics = new Map<string, { client: LanguageClient; list: Diagnostic[] }>();
  private readonly saving = new Set<string>();
  private readonly background: BackgroundTexts;
  private readonly disposables: (() => void)[] = [];
  private disposed = false;

  constructor(
    private readonly session: EditorSession,
    private readonly store: LanguagesStore,
    disk: DiskChanges,
  ) {
    this.background = new BackgroundTexts(session.host);
    const opener = monaco.editor.registerEditorOpener({
      openCodeEditor: (source, resource, at) => this.openEditor(source, resource, at),
    });
    const commands = registerCommands(
      (client, edit) => this.apply(client, edit),
      (error) => toast.error(failureOf(error).message),
    );
    const languages = monaco.editor.onDidChangeModelLanguage(() => this.reconcile());
    this.disposables.push(
      () => opener.dispose(),
      () => commands.dispose(),
      () => languages.dispose(),
      session.state.subscribe(() => this.reconcile()),
      disk.subscribe({
        changed: (changes) => {
          this.background.forget(changes.map(({ path }) => path));
          for (const client of this.clients.values()) client.filesChanged(changes);
        },
        rescan: () => undefined,
      }),
    );
    store.setState({
      questions: {
        symbols: (query) => this.symbols(query),
        calls: (path, place) => this.calls(path, place),
      },
    });
    void this.load();
  }

  dispose(): void {
    this.disposed = true;
    for (const dispose of this.disposables) dispose();
    for (const timer of this.leaving.values()) clearTimeout(timer);
    for (const key of [...this.clients.keys()]) this.drop(key);
    this.background.dispose();
  }

  private async load(): Promise<void> {
    const { data } = await agentApi.GET("/api/v1/workspaces/{workspace}/languages", {
      params: { path: { workspace: this.session.host } },
    });
    if (!data || this.disposed) return;
    this.known = data.known;
    this.reconcile();
  }

  /** Servers know what is open, and nothing else. */
  private reconcile(): void {
    if (this.disposed || this.known.length === 0) return;
    const { contents } = this.session.state.getState();
    const open = new Map<string, OpenText>();
    for (const [path, content] of Object.entries(contents)) {
      if (content.kind !== "text") continue;
      const { model, heavy } = content.buffer as MonacoBuffer;
      if (heavy || model.isDisposed() || model.getValueLength() > TEXT_MAX) continue;
      open.set(path, { path, model, language: lspLanguage(model.getLanguageId(), path) });
      this.followSave(path, content.document.savingVersion !== undefined);
    }
    for (const [path, text] of [...this.texts]) {
      const now = open.get(path);
      if (now?.model === text.model && now.language === text.language) continue;
      this.texts.delete(path);
      this.close(path);
    }
    for (const [path, text] of open) {
      const known = this.known.find(({ documents }) => documents.includes(text.language));
      if (!known || this.texts.has(path)) continue;
      this.texts.set(path, text);
      void this.open(text, known);
    }
  }

  /** A save has come to its end. */
  private followSave(path: string, saving: boolean): void {
    if (saving) this.saving.add(path);
    else if (this.saving.delete(path)) this.clientOf(path)?.saved(path);
  }

  private async open(text: OpenText, { language }: KnownLanguage): Promise<void> {
    const { data: server } = await agentApi.GET(
      "/api/v1/workspaces/{workspace}/languages/{language}",
      {
        params: {
          path: { workspace: this.session.host, language },
          query: { path: text.path },
        },
      },
    );
    // It may have been closed meanwhile.
    if (!server || this.texts.get(text.path) !== text || this.disposed) return;
    const key = serverKey(server);
    let client = this.clients.get(key);
    if (!client) {
      client = this.connect(server);
      this.clients.set(key, client);
    }
    clearTimeout(this.leaving.get(key));
    this.leaving.delete(key);
    client.open(text);
    const { serverOf } = this.store.getState();
    this.store.setState({ serverOf: { ...serverOf, [text.path]: key } });
    this.mark(text.path);
    this.publish();
  }

  private close(path: string): void {
    const { [path]: key, ...serverOf } = this.store.getState().serverOf;
    if (key === undefined) return;
    this.store.setState({ serverOf });
    const client = this.clients.get(key);
    client?.close(path);
    if (!client || client.openPaths.length > 0) return;
    this.leaving.set(
      key,
      setTimeout(() => this.drop(key), LEAVE_AFTER_MS),
    );
  }

  private connect(server: LanguageClient["server"]): LanguageClient {
    const { language, root } = server;
    const query = new URLSearchParams({ root });
    const path = `${agentPath(this.session.host)}languages/${language}/attach?${query}`;
    return new LanguageClient(
      server,
      {
        open: () => new WebSocket(socketUrl(path), ["atelier.language.v1"]),
        schedule: (ms, callback) => {
          const timer = setTimeout(callback, ms);
          return () => clearTimeout(timer);
        },
        random: Math.random,
      },
      {
        changed: () => this.publish(),
        ready: (client) => this.register(client),
        refreshed: (client) => this.registered.get(client.server.language)?.decorations.refresh(),
        diagnosed: (client, at, list) => this.diagnosed(client, at, list),
        said: (client, level, text) => {
          if (level <= 2) toast.warning(`${client.server.title}: ${text}`);
        },
        apply: (client, edit) => this.apply(client, edit),
      },
    );
  }

  private drop(key: string): void {
    const client = this.clients.get(key);
    if (!client) return;
    this.clients.delete(key);
    this.leaving.delete(key);
    client.dispose();
    for (const [path, { client: of }] of [...this.diagnostics]) {
      if (of === client) this.diagnosed(client, path, []);
    }
    this.publish();
  }

  /** Monaco asks the language's servers, and nobody else, as long as one of them answers. */
  private register(client: LanguageClient): void {
    const capabilities = client.ready;
    const { language } = client.server;
    const already = this.registered.get(language);
    already?.decorations.refresh();
    if (!capabilities || already) return;
    const documents = this.known.find((known) => known.language === language)?.documents ?? [];
    const ids = [...new Set(documents.map(monacoLanguage))];
    const selector = ids.map((id) => ({ language: id, scheme: "atelier", exclusive: true }));
    const made: { dispose(): void }[] = [];
    const register: Register = (add) => made.push(add(selector));
    const of: ClientOf = (model) =>
      [...this.clients.values()].find((one) => one.textOf(model) !== undefined);
    setBuiltIn(language, false);
    registerCompletion(of, capabilities, register);
    registerNavigation(of, capabilities, register, (one, uri) => this.locate(one, uri));
    registerChanges(of, capabilities, register, {
      apply: (one, edit) => this.apply(one, edit),
      diagnostics: (path) => this.diagnostics.get(path)?.list ?? [],
    });
    const decorations = registerDecorations(of, capabilities, register);
    this.registered.set(language, {
      decorations,
      dispose: () => {
        for (const one of made) one.dispose();
      },
    });
  }

  private publish(): void {
    for (const [language, registered] of [...this.registered]) {
      const gone = ["failed", "stopped", "missing"];
      const any = [...this.clients.values()].some(
        ({ server }) => server.language === language && !gone.includes(server.state),
      );
      if (any) continue;
      // What Monaco can do by itself is better than nothing.
      registered.dispose();
      this.registered.delete(language);
      setBuiltIn(language, true);
    }
    const servers = [...this.clients].map(([key, client]) => [
      key,
      { ...client.server, connected: client.connected },
    ]);
    this.store.setState({ servers: Object.fromEntries(servers) });
  }

  private diagnosed(client: LanguageClient, path: string, list: Diagnostic[]): void {
    if (list.length > 0) this.diagnostics.set(path, { client, list });
    else this.diagnostics.delete(path);
    const { [path]: _, ...others } = this.store.getState().problems;
    // Hints are drawn where they are; they are nothing that is wrong.
    const wrong = list.map(problemOf).filter(({ severity }) => severity !== "hint");
    this.store.setState({ problems: wrong.length > 0 ? { ...others, [path]: wrong } : others });
    this.mark(path);
  }

  /** Underlines what was found in a text that is open. */
  private mark(path: string): void {
    const model = this.openModel(path);
    if (!model) return;
    const found = this.diagnostics.get(path);
    const markers = (found?.list ?? []).map((diagnostic) =>
      markerOf(diagnostic, found?.client.server.title),
    );
    monaco.editor.setModelMarkers(model, "language", markers);
  }

  private openModel(path: string): monaco.editor.ITextModel | undefined {
    const content = this.session.state.getState().contents[path];
    return content?.kind === "text" ? (content.buffer as MonacoBuffer).model : undefined;
  }

  private clientOf(path: string): LanguageClient | undefined {
    return this.clients.get(this.store.getState().serverOf[path] ?? "");
  }

  private async locate(client: LanguageClient, uri: string): Promise<monaco.Uri | undefined> {
    const path = client.path(uri);
    const open = path === undefined ? undefined : this.openModel(path);
    return open ? open.uri : this.background.locate(client, uri);
  }

  /** A place is opened in a tab. */
  private openEditor(
    source: monaco.editor.ICodeEditor,
    resource: monaco.Uri,
    at: monaco.IRange | monaco.IPosition | undefined,
  ): boolean {
    if (resource.scheme !== "atelier") return false;
    if (source.getModel()?.uri.toString() === resource.toString()) return false;
    const { contents } = this.session.state.getState();
    const isIt = (path: string) => this.openModel(path)?.uri.toString() === resource.toString();
    const { path, outside } = placeOfUri(resource);
    if (outside) {
      toast.info(i18next.t("languages.outside", { ns: "editor", path: `/${path}` }));
      return true;
    }
    const line = at && ("lineNumber" in at ? at.lineNumber : at.startLineNumber);
    const column = at && ("column" in at ? at.column : at.startColumn);
    this.session.open(Object.keys(contents).find(isIt) ?? path, { line: line ?? 1, column });
    return true;
  }

  /** Makes a server's edit, and says what it did. */
  private async apply(client: LanguageClient, edit: WorkspaceEdit): Promise<boolean> {
    const t = i18next.getFixedT(null, "editor");
    try {
      const applied = await applyEdit(edit, {
        files: httpFiles(this.session.host),
        path: (uri) => client.path(uri),
        openModel: (path) => this.openModel(path),
      });
      if (applied.files > 1 || applied.written > 0) {
        toast.success(t("languages.edited", { count: applied.files }), {
          duration: UNDO_MS,
          action: {
            label: t("languages.undo"),
            onClick: () =>
              void applied.undo().then((left) => {
                if (left.length > 0)
                  toast.warning(t("languages.notUndone", { paths: left.join(", ") }));
              }),
          },
        });
      }
      return true;
    } catch (error) {
      toast.error(t("languages.notEdited", { reason: failureOf(error).message }));
      return false;
    }
  }

  private async symbols(query: string): Promise<NamedPlace[]> {
    const able = [...this.clients.values()].filter(
      (client) => client.ready?.workspaceSymbolProvider,
    );
    const lists = await Promise.all(
      able.map(async (client) => {
        const found = await client.ask<SymbolInformation[]>("workspace/symbol", { query });
        return (found ?? []).slice(0, PLACES_MAX).flatMap(({ name, containerName, location }) => {
          const path = client.path(location.uri);
          if (path === undefined || !location.range) return [];
          const { line, character } = location.range.start;
          const detail = containerName ?? "";
          return [{ name, detail, path, line: line + 1, column: character + 1 }];
        });
      }),
    );
    return lists.flat().slice(0, PLACES_MAX);
  }

  private async calls(path: string, { line, column }: { line: number; column: number }) {
    const client = this.clientOf(path);
    const nothing = { incoming: [], outgoing: [] };
    if (!client?.ready?.callHierarchyProvider) return nothing;
    const [item] =
      (await client.ask<CallHierarchyItem[]>("textDocument/prepareCallHierarchy", {
        textDocument: { uri: client.uri(path) },
        position: { line: line - 1, character: column - 1 },
      })) ?? [];
    if (!item) return nothing;
    const [incoming, outgoing] = await Promise.all([
      client.ask<CallHierarchyIncomingCall[]>("callHierarchy/incomingCalls", { item }),
      client.ask<CallHierarchyOutgoingCall[]>("callHierarchy/outgoingCalls", { item }),
    ]);
    const place = (of: CallHierarchyItem): NamedPlace[] => {
      const at = client.path(of.uri);
      if (at === undefined) return [];
      const { start } = of.selectionRange;
      const { name, detail = "" } = of;
      return [{ name, detail, path: at, line: start.line + 1, column: start.character + 1 }];
    };
    return {
      incoming: (incoming ?? []).slice(0, PLACES_MAX).flatMap(({ from }) => place(from)),
      outgoing: (outgoing ?? []).slice(0, PLACES_MAX).flatMap(({ to }) => place(to)),
    };
  }
}

function problemOf({ severity, message, source, range }: Diagnostic): Problem {
  return {
    severity: SEVERITIES[(severity ?? 1) - 1] ?? "error",
    message: typeof message === "string" ? message : message.value,
    source,
    line: range.start.line + 1,
    column: range.start.character + 1,
    endLine: range.end.line + 1,
    endColumn: range.end.character + 1,
  };
}

const MARKER_SEVERITIES = [
  monaco.MarkerSeverity.Error,
  monaco.MarkerSeverity.Warning,
  monaco.MarkerSeverity.Info,
  monaco.MarkerSeverity.Hint,
];

function markerOf(diagnostic: Diagnostic, title = ""): monaco.editor.IMarkerData {
  const { line, column, endLine, endColumn, message } = problemOf(diagnostic);
  const { code, codeDescription } = diagnostic;
  return {
    severity: MARKER_SEVERITIES[(diagnostic.severity ?? 1) - 1] ?? monaco.MarkerSeverity.Error,
    message,
    source: diagnostic.source ?? title,
    startLineNumber: line,
    startColumn: column,
    endLineNumber: endLine,
    endColumn,
    ...(diagnostic.tags ? { tags: diagnostic.tags } : {}),
    ...(code === undefined
      ? {}
      : {
          code: codeDescription
            ? { value: String(code), target: monaco.Uri.parse(codeDescription.href) }
            : String(code),
        }),
  };
}
