/** The terminal stream over a WebSocket, with the browser's clock and randomness. */
import { agentPath } from "@/api/agent";
import { socketUrl } from "@/api/client";
import { TERMINAL_SUBPROTOCOL } from "./protocol";
import type { StreamEnvironment } from "./stream";

/** The stream's world for one terminal. */
export function browserEnvironment(workspace: string, terminal: string): StreamEnvironment {
  const base = `${agentPath(workspace)}terminals/${encodeURIComponent(terminal)}/attach`;
  return {
    connect(offset, events) {
      const url = socketUrl(offset === undefined ? base : `${base}?offset=${offset}`);
      const socket = new WebSocket(url, TERMINAL_SUBPROTOCOL);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => {
        if (typeof data === "string") events.text(data);
        else events.bytes(new Uint8Array(data as ArrayBuffer));
      };
      // An error is always followed by a close.
      socket.onclose = () => events.closed();
      return {
        sendText: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text);
        },
        sendBytes: (bytes) => socket.send(bytes as Uint8Array<ArrayBuffer>),
        // A socket that is closing takes bytes and drops them: it counts as full until it is gone.
        bufferedBytes: () =>
          socket.readyState === WebSocket.OPEN ? socket.bufferedAmount : Number.POSITIVE_INFINITY,
        close: () => socket.close(),
      };
    },
    schedule(ms, callback) {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    random: Math.random,
  };
}
