/**
 * The viewer's side of the terminal stream, without transport: which bytes came, which were
 * consumed, what to ask for after a cut. WebSocket, timers, randomness and the screen are given.
 *
 * Invariant: every output byte reaches the screen exactly once and in order, whatever is cut,
 * unless the agent says `resync`; then the screen is cleared and a snapshot stands for what is lost.
 */
import { backoffMs } from "@/lib/backoff";
import {
  ACK_EVERY_BYTES,
  type ClientMessage,
  type ExitStatus,
  parseServerMessage,
  type ServerMessage,
  type Viewer,
} from "./protocol";

/** One attempt at a connection. Its events must come in order; `closed` comes exactly once. */
export interface StreamSocket {
  sendText(text: string): void;
  sendBytes(bytes: Uint8Array): void;
  /** Bytes given to the socket that have not left yet. */
  bufferedBytes(): number;
  close(): void;
}

export interface StreamSocketEvents {
  text(text: string): void;
  bytes(bytes: Uint8Array): void;
  closed(): void;
}

/** The screen. Calls take effect in order; `consumed` is called when the bytes have been drawn. */
export interface StreamScreen {
  write(bytes: Uint8Array, consumed: () => void): void;
  /** Clears everything, after what was written before. */
  reset(): void;
  /** Takes the size that the program draws for. */
  resize(cols: number, rows: number): void;
}

/** What the stream needs of the world. */
export interface StreamEnvironment {
  /** Opens a socket; without `offset`, all history that is held comes first. */
  connect(offset: number | undefined, events: StreamSocketEvents): StreamSocket;
  /** Calls back after `ms`; the returned function cancels. */
  schedule(ms: number, callback: () => void): () => void;
  /** 0 ≤ x < 1. */
  random(): number;
}

type StreamConnection =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "reconnecting"; attempt: number }
  | { kind: "ended" };

/** What a person sees of the stream. */
export interface StreamState {
  connection: StreamConnection;
  exit: ExitStatus | undefined;
  title: string | undefined;
  viewers: number;
  /** Who they are, in the order in which they came. */
  people: readonly Viewer[];
  /** Keystrokes kept for when the connection is back, in bytes. */
  pendingBytes: number;
  /** Input was thrown away, because more than the bound was waiting. */
  inputRefused: boolean;
  /** What the agent said when it refused something that we sent. */
  error: string | undefined;
}

/** How much typing is kept while disconnected; a person who types more is not looking. */
export const OFFLINE_INPUT_BYTES = 16 * 1024;
/** How much input may wait in all, e.g. of a paste; more is refused as a whole. */
const INPUT_BYTES = 16 * 1024 * 1024;
/** Input leaves in frames of this size, so that one frame stays far below any limit. */
const INPUT_FRAME_BYTES = 16 * 1024;
/** Input waits here, where it is counted, rather than in the socket beyond this. */
const SOCKET_BUFFER_BYTES = 256 * 1024;
const INPUT_RETRY_MS = 20;
/** A connection that holds this long is well; one that is cut at once is no reason to hurry. */
const SETTLED_MS = 5_000;
/** A drag of a border gives a size per frame; the program is told when it pauses. */
const RESIZE_DEBOUNCE_MS = 80;

export class TerminalStream {
  private socket: StreamSocket | undefined;
  /** The offset after the last byte handed to the screen; undefined before the first hello. */
  private received: number | undefined;
  private consumed = 0;
  private acked = 0;
  /** Bytes of the next frames that redraw the screen and are not output. */
  private snapshotLeft = 0;
  private greeted = false;
  /** Changes with each reset, so that what was written before it is not acknowledged after it. */
  private generation = 0;
  private attempt = 0;
  private input: Uint8Array[] = [];
  private size: { cols: number; rows: number } | undefined;
  private cancelReconnect: (() => void) | undefined;
  private cancelResize: (() => void) | undefined;
  private cancelInput: (() => void) | undefined;
  private cancelSettled: (() => void) | undefined;
  private state: StreamState = {
    connection: { kind: "connecting" },
    exit: undefined,
    title: undefined,
    viewers: 0,
    people: [],
    pendingBytes: 0,
    inputRefused: false,
    error: undefined,
  };

  constructor(
    private readonly environment: StreamEnvironment,
    private readonly screen: StreamScreen,
    private readonly changed: (state: StreamState) => void,
  ) {}

  /** Connects for the first time. */
  start(): void {
    this.connect();
  }

  /** Ends it for good: the view is gone. */
  stop(): void {
    this.update({ connection: { kind: "ended" } });
    this.cancelReconnect?.();
    this.cancelResize?.();
    this.cancelInput?.();
    this.cancelSettled?.();
    this.generation += 1;
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
  }

  /** Tries at once: the network is back, or a person asks. */
  reconnectNow(): void {
    if (this.state.connection.kind !== "reconnecting" || this.socket) return;
    this.cancelReconnect?.();
    this.connect();
  }

  /** The offset of the next byte that has not been drawn. */
  get consumedOffset(): number {
    return this.consumed;
  }

  /** Sends keystrokes, now or when the connection is back. False: it was refused as a whole. */
  send(bytes: Uint8Array): boolean {
    if (this.state.exit || this.state.connection.kind === "ended") return false;
    const bound = this.greeted ? INPUT_BYTES : OFFLINE_INPUT_BYTES;
    if (this.state.pendingBytes + bytes.length > bound) {
      this.update({ inputRefused: true });
      return false;
    }
    for (let at = 0; at < bytes.length; at += INPUT_FRAME_BYTES) {
      this.input.push(bytes.subarray(at, at + INPUT_FRAME_BYTES));
    }
    if (this.input.length === 1 && this.mayWrite()) return this.sendDirectly();
    this.update({ pendingBytes: this.state.pendingBytes + bytes.length });
    this.flushInput();
    return true;
  }

  /** Tells the program its size, once sizes stop coming. */
  resize(cols: number, rows: number): void {
    if (this.size?.cols === cols && this.size.rows === rows) return;
    this.size = { cols, rows };
    this.cancelResize?.();
    this.cancelResize = this.environment.schedule(RESIZE_DEBOUNCE_MS, () => {
      this.cancelResize = undefined;
      this.sendSize();
    });
  }

  private connect(): void {
    this.greeted = false;
    this.snapshotLeft = 0;
    // Events of a socket that was given up must not count: each carries its own identity.
    let current: StreamSocket | undefined;
    let closedEarly = false;
    const isCurrent = () => current !== undefined && this.socket === current;
    current = this.environment.connect(this.received, {
      text: (text) => isCurrent() && this.onText(text),
      bytes: (bytes) => isCurrent() && this.onBytes(bytes),
      closed: () => {
        closedEarly = true;
        if (isCurrent()) this.onClosed();
      },
    });
    this.socket = current;
    if (closedEarly) this.onClosed();
  }

  private onText(text: string): void {
    const message = parseServerMessage(text);
    if (message) this.onMessage(message);
  }

  private onMessage(message: ServerMessage): void {
    switch (message.type) {
      case "hello":
        this.onHello(message);
        break;
      case "exit":
        this.update({ exit: message.status });
        break;
      case "title":
        this.update({ title: message.title });
        break;
      case "viewers":
        this.update({ viewers: message.count, people: message.viewers ?? [] });
        break;
      case "size":
        this.onSize(message.cols, message.rows);
        break;
      case "error":
        this.update({ error: message.detail });
        break;
    }
  }

  /** Another viewer's size counts now; ours will be told again when it is set anew. */
  private onSize(cols: number, rows: number): void {
    if (!this.cancelResize) this.size = { cols, rows };
    this.screen.resize(cols, rows);
  }

  private onHello(hello: Extract<ServerMessage, { type: "hello" }>): void {
    const first = this.received === undefined;
    if (!first && !hello.resync && hello.offset !== this.received) {
      // Neither what we asked for nor a resync: never guess, ask for all that is held.
      this.received = undefined;
      this.clear();
      this.dropSocket();
      return;
    }
    if (hello.resync) this.clear();
    if (first || hello.resync) this.consumed = hello.offset;
    // What comes was drawn for the agent's size; ours is taken again behind it.
    if (hello.resync || (first && !this.size)) this.screen.resize(hello.cols, hello.rows);
    this.received = hello.offset;
    this.acked = hello.offset;
    this.snapshotLeft = hello.resync ? (hello.snapshot_bytes ?? 0) : 0;
    if (hello.resync && this.snapshotLeft === 0) this.takeOwnSize();
    this.greeted = true;
    this.cancelSettled?.();
    this.cancelSettled = this.environment.schedule(SETTLED_MS, () => {
      this.attempt = 0;
    });
    this.update({ connection: { kind: "live" }, error: undefined });
    if (this.size) this.sendSize();
    this.flushInput();
  }

  private onBytes(bytes: Uint8Array): void {
    if (this.received === undefined || !this.greeted) return;
    let output = bytes;
    if (this.snapshotLeft > 0) {
      const snapshot = bytes.subarray(0, this.snapshotLeft);
      this.snapshotLeft -= snapshot.length;
      this.screen.write(snapshot, () => {});
      if (this.snapshotLeft === 0) this.takeOwnSize();
      output = bytes.subarray(snapshot.length);
    }
    if (output.length === 0) return;
    this.received += output.length;
    const { generation } = this;
    this.screen.write(output, () => {
      if (generation === this.generation) this.onConsumed(output.length);
    });
  }

  private onConsumed(length: number): void {
    this.consumed += length;
    if (!this.greeted || this.consumed - this.acked < ACK_EVERY_BYTES) return;
    this.acked = this.consumed;
    this.sendMessage({ type: "ack", offset: this.consumed });
  }

  private clear(): void {
    this.generation += 1;
    this.screen.reset();
  }

  private dropSocket(): void {
    const socket = this.socket;
    this.socket = undefined;
    socket?.close();
    this.reconnectLater();
  }

  private onClosed(): void {
    this.socket = undefined;
    this.reconnectLater();
  }

  private reconnectLater(): void {
    this.greeted = false;
    this.cancelInput?.();
    this.cancelSettled?.();
    if (this.state.connection.kind === "ended") return;
    if (this.state.exit) {
      // All its output has come before `exit`: nothing more can come.
      this.update({ connection: { kind: "ended" }, viewers: 0, people: [] });
      return;
    }
    const wait = backoffMs(this.attempt, this.environment.random);
    this.attempt += 1;
    this.update({
      connection: { kind: "reconnecting", attempt: this.attempt },
      viewers: 0,
      people: [],
    });
    this.cancelReconnect = this.environment.schedule(wait, () => this.connect());
  }

  /** The common case, one keystroke on a live connection, without a change of state. */
  private sendDirectly(): boolean {
    const frame = this.input.pop();
    if (frame) this.socket?.sendBytes(frame);
    if (this.state.inputRefused) this.update({ inputRefused: false });
    return true;
  }

  private mayWrite(): boolean {
    return (
      this.greeted && this.socket !== undefined && this.socket.bufferedBytes() < SOCKET_BUFFER_BYTES
    );
  }

  private flushInput(): void {
    this.cancelInput?.();
    const { socket } = this;
    if (!this.greeted || !socket) return;
    while (this.input.length > 0 && this.mayWrite()) {
      const frame = this.input.shift();
      if (frame) socket.sendBytes(frame);
    }
    const pendingBytes = this.input.reduce((sum, frame) => sum + frame.length, 0);
    const inputRefused = this.state.inputRefused && pendingBytes > 0;
    if (pendingBytes !== this.state.pendingBytes || inputRefused !== this.state.inputRefused) {
      this.update({ pendingBytes, inputRefused });
    }
    if (pendingBytes > 0) {
      this.cancelInput = this.environment.schedule(INPUT_RETRY_MS, () => this.flushInput());
    }
  }

  private takeOwnSize(): void {
    if (this.size) this.screen.resize(this.size.cols, this.size.rows);
  }

  private sendSize(): void {
    if (this.size && this.greeted) this.sendMessage({ type: "resize", ...this.size });
  }

  private sendMessage(message: ClientMessage): void {
    this.socket?.sendText(JSON.stringify(message));
  }

  private update(change: Partial<StreamState>): void {
    this.state = { ...this.state, ...change };
    this.changed(this.state);
  }
}
