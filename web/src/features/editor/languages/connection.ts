/**
 * JSON-RPC over a WebSocket to a language server's agent, which comes back by itself after a cut. Knows
 * nothing of what is said; the socket, the clock and randomness are given.
 */
import { backoffMs } from "@/lib/backoff";

/** Why a request has no result. */
export class LanguageError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** The connection was cut before the answer came. */
const CUT = -1;

/** The viewer has cancelled it (LSP 3.17, `RequestCancelled`). */
const CANCELLED = -32800;

interface Message {
  id?: number | string | null;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

/** What the connection needs of the world. */
export interface ConnectionEnvironment {
  open(): Pick<WebSocket, "send" | "close" | "onopen" | "onmessage" | "onclose">;
  schedule(ms: number, callback: () => void): () => void;
  random(): number;
}

export interface ConnectionHandlers {
  /** A new connection: everything is to be said anew. */
  opened(): void;
  closed(): void;
  notified(method: string, params: unknown): void;
  /** The server asks; undefined where nothing is known of it. */
  requested(method: string, params: unknown): Promise<unknown> | undefined;
}

interface Waiting {
  resolve(result: unknown): void;
  reject(error: LanguageError): void;
}

/** What asks to be told when an answer is no longer wanted: Monaco's token. */
interface CancelToken {
  isCancellationRequested: boolean;
  onCancellationRequested(listener: () => void): { dispose(): void };
}

export class LanguageConnection {
  private socket: ReturnType<ConnectionEnvironment["open"]> | undefined;
  private open = false;
  private attempt = 0;
  private nextId = 1;
  private readonly waiting = new Map<number, Waiting>();
  private cancelRetry: (() => void) | undefined;
  private disposed = false;

  constructor(
    private readonly environment: ConnectionEnvironment,
    private readonly handlers: ConnectionHandlers,
  ) {
    this.connect();
  }

  /** Asks; rejected with a `LanguageError` where the server refuses or the connection is cut. */
  request<Result>(method: string, params: unknown, token?: CancelToken): Promise<Result> {
    if (!this.open) return Promise.reject(new LanguageError(CUT, "not connected"));
    const id = this.nextId;
    this.nextId += 1;
    this.send({ id, method, params });
    return new Promise<Result>((resolve, reject) => {
      const cancelling = token?.onCancellationRequested(() => {
        this.notify("$/cancelRequest", { id });
        this.waiting.delete(id);
        reject(new LanguageError(CANCELLED, "cancelled"));
      });
      this.waiting.set(id, {
        resolve: (result) => {
          cancelling?.dispose();
          resolve(result as Result);
        },
        reject: (error) => {
          cancelling?.dispose();
          reject(error);
        },
      });
    });
  }

  notify(method: string, params: unknown): void {
    if (this.open) this.send({ method, params });
  }

  dispose(): void {
    this.disposed = true;
    this.cancelRetry?.();
    this.socket?.close();
    this.lost();
  }

  private connect(): void {
    const socket = this.environment.open();
    this.socket = socket;
    socket.onopen = () => {
      this.open = true;
      this.attempt = 0;
      this.handlers.opened();
    };
    socket.onmessage = ({ data }: MessageEvent) => {
      if (typeof data === "string" && this.socket === socket) this.received(data);
    };
    // An error is always followed by a close.
    socket.onclose = () => {
      if (this.socket !== socket || this.disposed) return;
      this.lost();
      this.cancelRetry = this.environment.schedule(
        backoffMs(this.attempt, () => this.environment.random()),
        () => this.connect(),
      );
      this.attempt += 1;
    };
  }

  private lost(): void {
    const wasOpen = this.open;
    this.open = false;
    for (const { reject } of this.waiting.values()) {
      reject(new LanguageError(CUT, "the connection was cut"));
    }
    this.waiting.clear();
    if (wasOpen) this.handlers.closed();
  }

  private send(message: Message): void {
    this.socket?.send(JSON.stringify({ jsonrpc: "2.0", ...message }));
  }

  private received(text: string): void {
    const { id, method, params, result, error } = JSON.parse(text) as Message;
    if (method !== undefined && id != null) void this.answer(id, method, params);
    else if (method !== undefined) this.handlers.notified(method, params);
    else if (typeof id === "number") {
      const waiting = this.waiting.get(id);
      this.waiting.delete(id);
      if (error) waiting?.reject(new LanguageError(error.code, error.message));
      else waiting?.resolve(result ?? null);
    }
  }

  private async answer(id: number | string, method: string, params: unknown): Promise<void> {
    const { socket } = this;
    let answer: Message;
    try {
      const result = this.handlers.requested(method, params);
      answer =
        result === undefined
          ? { id, error: { code: -32601, message: `${method} is not known here` } }
          : { id, result: (await result) ?? null };
    } catch (failure) {
      answer = { id, error: { code: -32803, message: String(failure) } };
    }
    // An answer belongs to the connection that asked.
    if (this.open && this.socket === socket) this.send(answer);
  }
}
