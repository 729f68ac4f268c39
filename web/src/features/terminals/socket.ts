/** The terminal stream over a WebSocket, with the browser's clock and randomness. */
import { agentPath } from "@/api/agent";
import { socketUrl } from "@/api/client";
import { TERMINAL_SUBPROTOCOL } from "./protocol";
import type { StreamEnvironment } from "./stream";

/** The stream's world for one terminal. */
export function browserEnvironment(workspace: string, terminal: string): StreamEnvironment {
  const base = `${agentPath(workspace)}terminals/${encodeURIComponent(terminal)}/attach`;
  return environmentOf(base, {}, [TERMINAL_SUBPROTOCOL]);
}

/** The stream's world for a terminal that came by a link; the others there are told the name. */
export function sharedEnvironment(token: string, name: string): StreamEnvironment {
  const protocols = [TERMINAL_SUBPROTOCOL, `atelier.share.${token}`];
  return environmentOf("/api/v1/shares/attach", name === "" ? {} : { name }, protocols);
}

function environmentOf(
  base: string,
  query: Record<string, string>,
  protocols: string[],
): StreamEnvironment {
  return {
    connect(offset, events) {
      const asked = new URLSearchParams(query);
      if (offset !== undefined) asked.set("offset", String(offset));
      const url = socketUrl(asked.size === 0 ? base : `${base}?${asked}`);
      const socket = new WebSocket(url, protocols);
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
