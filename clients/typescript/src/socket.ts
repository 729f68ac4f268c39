/** What is used of a WebSocket: the standard's, or that of the package `ws`. */
export interface SocketLike {
  // Each platform types its events in its own way; they are set, and never read.
  onopen: unknown;
  onmessage: unknown;
  onclose: unknown;
  onerror: unknown;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Opens a WebSocket. In Node, one that sends a token along. */
export type SocketFactory = (url: string, protocols: string[]) => SocketLike;

/** The platform's own WebSocket, by which a browser sends its cookies. */
export function platformSocket(url: string, protocols: string[]): SocketLike {
  if (typeof globalThis.WebSocket === "undefined") {
    throw new Error("This platform has no WebSocket of its own: give `openSocket`.");
  }
  return new globalThis.WebSocket(url, protocols);
}
