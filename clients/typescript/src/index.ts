/** Drives an Atelier workspace over its bridge. See the README. */
export type { Backoff } from "./backoff.js";
export {
  Bridge,
  type BridgeOptions,
  type Over,
  type RunOptions,
  type TerminalOptions,
} from "./bridge.js";
export { BridgeError, ClosedError, LimitError, OutcomeUnknownError } from "./errors.js";
export type { State } from "./link.js";
export type {
  BridgeMessage,
  BridgeRequest,
  ExitStatus,
  FileChange,
  FileEntry,
  Problem,
  ProcessInfo,
  Root,
  TerminalInfo,
} from "./messages.js";
export type { Process, ProcessExit, ProcessListeners } from "./process.js";
export type { SocketFactory, SocketLike } from "./socket.js";
export type { OutputListener } from "./stream.js";
export type { Terminal, TerminalListeners } from "./terminal.js";
export type { Watch, WatchListeners, WatchOptions } from "./watch.js";
