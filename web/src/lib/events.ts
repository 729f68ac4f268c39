import { create } from "zustand";
import type { Node, Workspace } from "@/api/types";
import { backoffMs } from "./backoff";

const SUBPROTOCOL = "atelier.events.v1";

/** What happened; kinds that this version does not know are passed on and ignored. */
type EventBody =
  | { kind: "workspace_changed"; workspace: Workspace }
  | { kind: "workspace_purged" | "repositories_changed"; workspace_id: string }
  | { kind: "node_changed"; node: Node }
  | { kind: "node_deleted"; node_id: string }
  | { kind: "node_job_changed"; node_job_id: string }
  | { kind: "schedule_changed" | "schedule_deleted"; schedule_id: string }
  | { kind: "node_rollout_changed"; node_rollout_id: string }
  | { kind: "organization_changed" }
  | { kind: "port_changed"; workspace_id: string; port: number }
  | { kind: "preference_changed"; account_id: string; namespace: string; etag: string }
  | { kind: "unknown" };

/** One event of `GET /api/v1/events`. */
export interface ServerEvent {
  sequence: number;
  at: number;
  organization_id: string;
  body: EventBody;
}

type ServerMessage =
  | { type: "subscribed"; epoch: string; sequence: number }
  | ({ type: "event" } & ServerEvent)
  | { type: "dropped"; sequence: number }
  | { type: "error"; detail: string };

/** How the connection stands; shown in the top bar. */
export type ConnectionState =
  | { phase: "idle" }
  | { phase: "connecting"; attempt: number }
  | { phase: "open" }
  | { phase: "waiting"; attempt: number; retryAt: number }
  | { phase: "refused"; detail: string };

interface ConnectionStore {
  connection: ConnectionState;
}

/** The state of the event connection. */
export const useConnection = create<ConnectionStore>(() => ({ connection: { phase: "idle" } }));

export interface EventClientOptions {
  /** Where to connect to. */
  url: string;
  onEvent: (event: ServerEvent) => void;
  /** Events may have been missed (at the first subscription too): read again what is shown. */
  onDropped: () => void;
  onState?: (state: ConnectionState) => void;
  /** For tests. */
  createSocket?: (url: string, protocol: string) => WebSocket;
  random?: () => number;
}

/**
 * The client of the event stream. It says where it stopped (`epoch`, `after`) when it comes back,
 * so that nothing is missed across a dropped connection, and asks its owner to read again when the
 * server cannot tell it all.
 */
export class EventClient {
  readonly #options: EventClientOptions;
  #socket: WebSocket | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #topics: string[] = [];
  #epoch: string | undefined;
  #after: number | undefined;
  #attempt = 0;
  #stopped = true;

  constructor(options: EventClientOptions) {
    this.#options = options;
  }

  /** Connects, and stays connected until {@link stop}. */
  start(topics: string[]): void {
    this.#topics = topics;
    if (!this.#stopped) {
      this.#subscribe();
      return;
    }
    this.#stopped = false;
    this.#connect();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#discardSocket();
    this.#state({ phase: "idle" });
  }

  /** Connects now instead of at the end of the wait. */
  retryNow(): void {
    if (this.#stopped || this.#socket) return;
    clearTimeout(this.#timer);
    this.#connect();
  }

  #state(state: ConnectionState): void {
    this.#options.onState?.(state);
  }

  #connect(): void {
    this.#state({ phase: "connecting", attempt: this.#attempt });
    const create = this.#options.createSocket ?? ((url, protocol) => new WebSocket(url, protocol));
    const socket = create(this.#options.url, SUBPROTOCOL);
    this.#socket = socket;
    socket.onopen = () => this.#subscribe();
    socket.onmessage = (message) => this.#receive(message.data);
    socket.onclose = () => {
      if (this.#socket === socket) this.#lost();
    };
  }

  #discardSocket(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #lost(): void {
    this.#discardSocket();
    if (this.#stopped) return;
    const wait = backoffMs(this.#attempt, this.#options.random);
    this.#attempt += 1;
    this.#state({ phase: "waiting", attempt: this.#attempt, retryAt: Date.now() + wait });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #subscribe(): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const resume =
      this.#epoch !== undefined && this.#after !== undefined
        ? { epoch: this.#epoch, after: this.#after }
        : {};
    this.#socket.send(JSON.stringify({ type: "subscribe", topics: this.#topics, ...resume }));
  }

  #receive(data: unknown): void {
    let message: ServerMessage;
    try {
      message = JSON.parse(String(data));
    } catch {
      // Not our server's words. Drop the connection; the wait keeps this from spinning.
      this.#lost();
      return;
    }
    switch (message.type) {
      case "subscribed":
        this.#subscribed(message.epoch, message.sequence);
        break;
      case "event":
        this.#after = message.sequence;
        this.#options.onEvent(message);
        break;
      case "dropped":
        this.#after = message.sequence;
        this.#options.onDropped();
        break;
      case "error":
        this.#stopped = true;
        this.#discardSocket();
        this.#state({ phase: "refused", detail: message.detail });
        break;
    }
  }

  #subscribed(epoch: string, sequence: number): void {
    this.#attempt = 0;
    const resumed = this.#epoch === epoch;
    this.#epoch = epoch;
    if (!resumed) this.#after = sequence;
    this.#state({ phase: "open" });
    // What happened between the first read and the first subscription, or around a restart, is
    // unknown: numbers of another epoch mean nothing.
    if (!resumed) this.#options.onDropped();
  }
}
