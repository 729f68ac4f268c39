/**
 * The client of one language server: the texts that are open, and what is asked about them. After a
 * cut everything is said anew, so that nothing is lost.
 */
import type {
  Diagnostic,
  DocumentDiagnosticReport,
  InitializeResult,
  PublishDiagnosticsParams,
  ServerCapabilities,
  TextDocumentContentChangeEvent,
  WorkspaceEdit,
} from "vscode-languageserver-protocol";
import type { monaco } from "../monaco";
import { CAPABILITIES } from "./capabilities";
import { type ConnectionEnvironment, LanguageConnection, LanguageError } from "./connection";
import { pathOfUri, toRange, uriOf } from "./places";
import type { LanguageServer } from "./store";

export type TextModel = monaco.editor.ITextModel;

/** How long typing pauses before diagnostics are asked for. */
const PULL_PAUSE_MS = 300;

/** A text that the server knows. */
export interface OpenText {
  path: string;
  model: TextModel;
  language: string;
}

interface ClientEvents {
  /** The server is in another state, or the connection is. */
  changed(): void;
  diagnosed(client: LanguageClient, path: string, diagnostics: Diagnostic[]): void;
  /** The server can be asked from now on. */
  ready(client: LanguageClient): void;
  /** Something that was shown may be otherwise. */
  refreshed(client: LanguageClient): void;
  said(client: LanguageClient, level: number, text: string): void;
  apply(client: LanguageClient, edit: WorkspaceEdit): Promise<boolean>;
}

export class LanguageClient {
  /** The server's state as it was told last. */
  server: LanguageServer;
  capabilities: ServerCapabilities | undefined;
  connected = false;
  private readonly connection: LanguageConnection;
  private readonly texts = new Map<string, OpenText & { dispose(): void }>();
  private readonly pulls = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    server: LanguageServer,
    environment: ConnectionEnvironment,
    private readonly events: ClientEvents,
  ) {
    this.server = server;
    this.connection = new LanguageConnection(environment, {
      opened: () => void this.initialize(),
      closed: () => {
        this.connected = false;
        this.capabilities = undefined;
        events.changed();
      },
      notified: (method, params) => this.notified(method, params),
      requested: (method, params) => {
        if (method !== "workspace/applyEdit") return undefined;
        const { edit } = params as { edit: WorkspaceEdit };
        return events.apply(this, edit).then((applied) => ({ applied }));
      },
    });
  }

  /** What is in the state that answers; undefined while nothing can be asked. */
  get ready(): ServerCapabilities | undefined {
    return this.server.state === "ready" ? this.capabilities : undefined;
  }

  uri(path: string): string {
    return uriOf(this.server.workspace_uri, path);
  }

  path(uri: string): string | undefined {
    return pathOfUri(this.server.workspace_uri, uri);
  }

  textOf(model: TextModel): OpenText | undefined {
    return [...this.texts.values()].find((text) => text.model === model);
  }

  get openPaths(): string[] {
    return [...this.texts.keys()];
  }

  /** The server knows the text from now on. */
  open(text: OpenText): void {
    if (this.texts.has(text.path)) return;
    const listener = text.model.onDidChangeContent(({ changes, isFlush }) => {
      const contentChanges: TextDocumentContentChangeEvent[] = isFlush
        ? [{ text: text.model.getValue() }]
        : changes.map((change) => ({ range: toRange(change.range), text: change.text }));
      const textDocument = { uri: this.uri(text.path), version: text.model.getVersionId() };
      if (this.capabilities) {
        this.connection.notify("textDocument/didChange", { textDocument, contentChanges });
        this.pullSoon(text.path);
      }
    });
    this.texts.set(text.path, { ...text, dispose: () => listener.dispose() });
    if (this.capabilities) this.tellOpened(text);
  }

  close(path: string): void {
    const text = this.texts.get(path);
    if (!text) return;
    text.dispose();
    this.texts.delete(path);
    clearTimeout(this.pulls.get(path));
    if (this.capabilities) {
      this.connection.notify("textDocument/didClose", { textDocument: { uri: this.uri(path) } });
    }
  }

  saved(path: string): void {
    if (this.capabilities && this.texts.has(path)) {
      this.connection.notify("textDocument/didSave", { textDocument: { uri: this.uri(path) } });
    }
  }

  /** Files have changed on disk. */
  filesChanged(changes: readonly { path: string; kind?: string }[]): void {
    if (!this.capabilities) return;
    const kinds: Record<string, number> = { created: 1, modified: 2, deleted: 3 };
    this.connection.notify("workspace/didChangeWatchedFiles", {
      changes: changes.map(({ path, kind = "modified" }) => ({
        uri: this.uri(path),
        type: kinds[kind] ?? 2,
      })),
    });
  }

  /** Asks; null where there is no answer: the editor then shows nothing. */
  async ask<Result>(
    method: string,
    params: unknown,
    token?: monaco.CancellationToken,
  ): Promise<Result | null> {
    if (!this.ready) return null;
    try {
      return await this.connection.request<Result | null>(method, params, token);
    } catch (error) {
      if (error instanceof LanguageError) return null;
      throw error;
    }
  }

  /** Asks for what a person has asked for: refusals are thrown. */
  demand<Result>(method: string, params: unknown): Promise<Result | null> {
    return this.connection.request<Result | null>(method, params);
  }

  dispose(): void {
    for (const path of [...this.texts.keys()]) this.close(path);
    this.connection.dispose();
  }

  private async initialize(): Promise<void> {
    try {
      const result = await this.connection.request<InitializeResult>("initialize", {
        processId: null,
        rootUri: null,
        capabilities: CAPABILITIES,
      });
      this.capabilities = result.capabilities;
    } catch {
      // The connection was cut; the next one asks again.
      return;
    }
    this.connected = true;
    this.connection.notify("initialized", {});
    for (const text of this.texts.values()) this.tellOpened(text);
    this.events.changed();
    if (this.ready) this.events.ready(this);
  }

  private tellOpened({ path, model, language }: OpenText): void {
    this.connection.notify("textDocument/didOpen", {
      textDocument: {
        uri: this.uri(path),
        languageId: language,
        version: model.getVersionId(),
        text: model.getValue(),
      },
    });
    this.pullSoon(path);
  }

  private notified(method: string, params: unknown): void {
    switch (method) {
      case "$/atelier/state": {
        const before = this.server.state;
        this.server = params as LanguageServer;
        this.events.changed();
        if (before !== "ready" && this.ready) {
          this.events.ready(this);
          for (const path of this.texts.keys()) this.pullSoon(path);
        }
        return;
      }
      case "textDocument/publishDiagnostics": {
        const { uri, diagnostics } = params as PublishDiagnosticsParams;
        const path = this.path(uri);
        if (path !== undefined) this.events.diagnosed(this, path, diagnostics);
        return;
      }
      case "window/showMessage": {
        const { type, message } = params as { type: number; message: string };
        this.events.said(this, type, message);
        return;
      }
      case "workspace/diagnostic/refresh":
        for (const path of this.texts.keys()) this.pullSoon(path);
        return;
      case "workspace/semanticTokens/refresh":
      case "workspace/inlayHint/refresh":
        this.events.refreshed(this);
        return;
    }
  }

  /** Servers that do not tell their diagnostics are asked for them. */
  private pullSoon(path: string): void {
    if (!this.capabilities?.diagnosticProvider) return;
    clearTimeout(this.pulls.get(path));
    this.pulls.set(
      path,
      setTimeout(() => void this.pull(path), PULL_PAUSE_MS),
    );
  }

  private async pull(path: string): Promise<void> {
    const report = await this.ask<DocumentDiagnosticReport>("textDocument/diagnostic", {
      textDocument: { uri: this.uri(path) },
    });
    if (report?.kind === "full" && this.texts.has(path)) {
      this.events.diagnosed(this, path, report.items);
    }
  }
}
