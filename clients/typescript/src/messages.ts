import type { components } from "./schema.gen.js";

type Schemas = components["schemas"];

/** What a client says. */
export type BridgeRequest = Schemas["BridgeRequest"];
/** What an agent says. */
export type BridgeMessage = Schemas["BridgeMessage"];
/** Why something was not done (RFC 9457). */
export type Problem = Schemas["Problem"];
/** A terminal, as the agent shows it. */
export type TerminalInfo = Schemas["Terminal"];
/** A process, as the agent shows it. */
export type ProcessInfo = Schemas["Process"];
/** How a program ended. */
export type ExitStatus = Schemas["ExitStatus"];
/** An entry of a directory. */
export type FileEntry = Schemas["FileEntry"];
/** A change in a directory that is watched. */
export type FileChange = Schemas["FileChange"];
/** The tree that a path lies in. */
export type Root = Schemas["Root"];

/** The request of a type. */
export type RequestOf<T extends BridgeRequest["type"]> = Extract<BridgeRequest, { type: T }>;
/** The message of a type. */
export type MessageOf<T extends BridgeMessage["type"]> = Extract<BridgeMessage, { type: T }>;

/** What answers each request, where it is no error. */
export interface Answers {
  ping: "done";
  create_terminal: "terminal_created";
  attach_terminal: "terminal_attached";
  detach_terminal: "done";
  terminal_input: "done";
  terminal_resize: "done";
  close_terminal: "done";
  run_command: "process_started";
  attach_process: "process_attached";
  detach_process: "done";
  stop_process: "done";
  list_processes: "process_list";
  read_file: "file_content";
  write_file: "file_written";
  list_files: "file_list";
  watch_files: "watching";
  unwatch_files: "done";
}

/** The requests that are answered. */
export type Asking = keyof Answers;
/** What answers a request of a type. */
export type AnswerTo<T extends Asking> = MessageOf<Answers[T]>;
/** A request without its type and id. */
export type Fields<T extends Asking> = Omit<RequestOf<T>, "type" | "id">;

/** The requests that are done at most once for their id. */
export const DONE_ONCE: ReadonlySet<string> = new Set<Asking>([
  "create_terminal",
  "terminal_input",
  "close_terminal",
  "run_command",
  "stop_process",
  "write_file",
]);

/** The WebSocket subprotocol. */
export const SUBPROTOCOL = "atelier.bridge.v1";
/** The longest message of a client, in bytes. */
export const REQUEST_MAX_BYTES = 2 * 1024 * 1024;
/** A client acknowledges at least this often, in bytes consumed. */
export const ACK_EVERY_BYTES = 64 * 1024;
/** The close code of a connection whose session another connection has taken over. */
export const CLOSE_TAKEN_OVER = 4001;
