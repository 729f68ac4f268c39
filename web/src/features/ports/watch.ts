/** Follows what a workspace listens on, for as long as it is shown. */

import { socketUrl } from "@/api/client";
import type { components } from "@/api/schema.gen";
import { backoffMs } from "@/lib/backoff";

/** A port that something listens on, as the stream tells it. */
export interface ListeningPort {
  port: number;
  protocol: components["schemas"]["PortProtocol"];
}

/** Tells the ports that listen, at first and whenever they change; ends with the returned function. */
export function watchPorts(
  workspace: string,
  changed: (ports: readonly ListeningPort[]) => void,
): () => void {
  let stopped = false;
  let attempt = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | undefined;
  const connect = () => {
    socket = new WebSocket(socketUrl(`/api/v1/workspaces/${workspace}/ports/watch`));
    socket.onmessage = ({ data }) => {
      attempt = 0;
      changed((JSON.parse(String(data)) as { items: ListeningPort[] }).items);
    };
    socket.onclose = () => {
      if (stopped) return;
      timer = setTimeout(connect, backoffMs(attempt));
      attempt += 1;
    };
  };
  connect();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}
