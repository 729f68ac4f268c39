/**
 * Follows what changes on disk. One watch serves the tree, Git and the editor; whoever
 * is interested subscribes. Whenever the watch begins (also the first time: something may have been
 * read before it) and after an overflow, everything that is shown is to be read again.
 */
import { agentPath } from "@/api/agent";
import { socketUrl } from "@/api/client";
import { backoffMs } from "@/lib/backoff";
import type { FileChange, WatchMessage } from "./changes";

export interface WatchListener {
  /** These paths changed, oldest first. */
  changed(changes: readonly FileChange[]): void;
  /** Anything may have changed: in this folder, or anywhere. */
  rescan(folder?: string): void;
  /** Not all can be followed, and why: open folders are looked at instead. */
  limited?(reason: string): void;
}

/** What the page follows the disk by. */
export interface DiskWatch {
  /** These folders are shown, where that matters: those that are followed one by one. */
  follow?(folders: readonly string[]): void;
  /** Follows until the returned function is called. */
  start(): () => void;
  /** Tells `listener` from now on, until the returned function is called. */
  subscribe(listener: WatchListener): () => void;
  /** Everything is to be read again: a person asks. */
  refresh(): void;
}

/** What the watch needs of the world; the browser's own by default. */
export interface WatchEnvironment {
  open(url: string): WebSocket;
  schedule(ms: number, callback: () => void): () => void;
  random(): number;
}

export const BROWSER: WatchEnvironment = {
  open: (url) => new WebSocket(url),
  schedule: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
};

/** Follows a host's whole root, or one folder without those in it. */
export class FileWatch implements DiskWatch {
  private readonly listeners = new Set<WatchListener>();
  private socket: WebSocket | undefined;
  private cancelRetry: (() => void) | undefined;
  private attempt = 0;
  private stopped = true;

  constructor(
    private readonly host: string,
    private readonly environment: WatchEnvironment = BROWSER,
    private readonly folder?: string,
  ) {}

  start(): () => void {
    this.stopped = false;
    this.connect();
    return () => {
      this.stopped = true;
      this.cancelRetry?.();
      this.socket?.close();
      this.socket = undefined;
    };
  }

  subscribe(listener: WatchListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  refresh(): void {
    this.rescan();
  }

  private connect(): void {
    const { folder } = this;
    const query = new URLSearchParams(
      folder === undefined ? { recursive: "true" } : { path: folder },
    );
    const path = `${agentPath(this.host)}files/watch?${query}`;
    const socket = this.environment.open(socketUrl(path));
    this.socket = socket;
    socket.onmessage = ({ data }) => this.socket === socket && this.onText(String(data));
    socket.onclose = () => {
      if (this.socket !== socket || this.stopped) return;
      this.cancelRetry = this.environment.schedule(
        backoffMs(this.attempt, this.environment.random),
        () => this.connect(),
      );
      this.attempt += 1;
    };
  }

  private onText(text: string): void {
    const message = JSON.parse(text) as WatchMessage;
    if (message.type === "changes") {
      for (const listener of this.listeners) listener.changed(message.changes);
    } else if (message.type === "rescan") {
      this.rescan();
    } else if (message.type === "limited") {
      for (const listener of this.listeners) listener.limited?.(message.reason);
    } else if (message.type === "ready") {
      this.attempt = 0;
      this.rescan();
    }
  }

  private rescan(): void {
    for (const listener of this.listeners) listener.rescan();
  }
}
