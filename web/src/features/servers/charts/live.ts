import { socketUrl } from "@/api/client";
import { backoffMs } from "@/lib/backoff";

/** Where the live measurements come from; tests put another in its place. */
export type OpenSocket = (url: string) => WebSocket;

/** The path of a server's live measurements. */
export function serverLive(node: string): string {
  return `/api/v1/nodes/${encodeURIComponent(node)}/telemetry/live`;
}

/** The path of a workspace's. */
export function workspaceLive(workspace: string): string {
  return `/api/v1/workspaces/${encodeURIComponent(workspace)}/telemetry/live`;
}

/**
 * Follows measurements until it is told to stop. A connection that breaks is made again:
 * the control plane sends the newest measurement first, and the history fills in what lay between.
 */
export function followLive<Sample>(
  path: string,
  onSample: (sample: Sample) => void,
  open: OpenSocket = (url) => new WebSocket(url),
): () => void {
  const url = socketUrl(path);
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let stopped = false;
  const connect = () => {
    socket = open(url);
    socket.onmessage = ({ data }) => {
      attempt = 0;
      onSample(JSON.parse(String(data)) as Sample);
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
