import { socketUrl } from "@/api/client";
import type { TelemetrySample } from "@/api/types";
import { backoffMs } from "@/lib/backoff";

/** Where the live measurements come from; tests put another in its place. */
export type OpenSocket = (url: string) => WebSocket;

/**
 * Follows a server's measurements until it is told to stop. A connection that breaks is made again:
 * the control plane sends the newest measurement first, and the history fills in what lay between.
 */
export function followServer(
  node: string,
  onSample: (sample: TelemetrySample) => void,
  open: OpenSocket = (url) => new WebSocket(url),
): () => void {
  const url = socketUrl(`/api/v1/nodes/${encodeURIComponent(node)}/telemetry/live`);
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let stopped = false;
  const connect = () => {
    socket = open(url);
    socket.onmessage = ({ data }) => {
      attempt = 0;
      onSample(JSON.parse(String(data)) as TelemetrySample);
    };
    // An error is always followed by a close.
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
