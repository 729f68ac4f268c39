/**
 * The messages of the terminal stream `atelier.terminal.v1` (crates/api/src/agent/terminals.rs).
 * OpenAPI does not describe WebSocket frames, so they stand here by hand; unknown kinds are
 * ignored because wire types only grow.
 */

/** The WebSocket subprotocol of the terminal stream. */
export const TERMINAL_SUBPROTOCOL = "atelier.terminal.v1";

/** A viewer acknowledges at least this often, in bytes consumed. */
export const ACK_EVERY_BYTES = 64 * 1024;

/** How a program ended: by `code` or by `signal`. */
export interface ExitStatus {
  code?: number | null;
  signal?: number | null;
  /** UTC milliseconds. */
  at: number;
}

/** Somebody who watches a terminal. */
export interface Viewer {
  name?: string;
  /** They watch and cannot type. */
  read_only?: boolean;
  /** It is this page. */
  you?: boolean;
}

/** What the agent says in text frames. */
export type ServerMessage =
  | {
      type: "hello";
      offset: number;
      cols: number;
      rows: number;
      resync: boolean;
      snapshot_bytes?: number;
    }
  | { type: "exit"; status: ExitStatus }
  | { type: "title"; title: string }
  | { type: "viewers"; count: number; viewers?: Viewer[] }
  | { type: "size"; cols: number; rows: number }
  | { type: "error"; detail: string };

/** What a viewer says in text frames. */
export type ClientMessage =
  | { type: "resize"; cols: number; rows: number }
  | { type: "ack"; offset: number };

const KINDS = new Set(["hello", "exit", "title", "viewers", "size", "error"]);

/** Reads a text frame; `undefined` for what this version does not know. */
export function parseServerMessage(text: string): ServerMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("type" in value)) return undefined;
  return KINDS.has(String(value.type)) ? (value as ServerMessage) : undefined;
}
