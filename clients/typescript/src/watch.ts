import { BridgeError } from "./errors.js";
import type { Link } from "./link.js";
import type { BridgeMessage, FileChange, Root } from "./messages.js";

/** What is watched. */
export interface WatchOptions {
  readonly root?: Root;
  /** The directory; the root itself when absent. */
  readonly path?: string;
  /** Watch everything below, too. */
  readonly recursive?: boolean;
}

/** Who hears of changes. */
export interface WatchListeners {
  readonly changed?: (changes: readonly FileChange[]) => void;
  /** Changes may have been missed, the connection having been cut among other reasons: read again. */
  readonly rescan?: (reason: string) => void;
  /** Not all can be followed. */
  readonly limited?: (reason: string) => void;
  /** The watch has ended, the directory being gone. */
  readonly failed?: (error: Error) => void;
}

/** A directory that is watched, over all connections. */
export class Watch {
  #id: number | undefined;

  constructor(
    private readonly link: Link,
    private readonly forget: (watch: Watch) => void,
    private readonly options: WatchOptions,
    private readonly listeners: WatchListeners,
  ) {}

  /** By which the agent names it now. */
  get id(): number | undefined {
    return this.#id;
  }

  async close(): Promise<void> {
    const watch = this.#id;
    this.forget(this);
    if (watch !== undefined) {
      await this.link.ask("unwatch_files", { watch }, true).catch(() => undefined);
    }
  }

  /** @internal */
  async attach(scoped: boolean, attached: () => void): Promise<void> {
    const { root = "workspace", path = "", recursive = false } = this.options;
    await this.link.ask("watch_files", { root, path, recursive }, scoped, ({ message }) => {
      this.#id = message.id;
      attached();
    });
  }

  /** @internal */
  attachAgain(): void {
    const rescan = () => this.listeners.rescan?.("The connection was cut.");
    this.attach(true, rescan).catch((error: unknown) => {
      // A connection that is cut is followed by another attempt.
      if (!(error instanceof BridgeError)) return;
      this.forget(this);
      this.listeners.failed?.(error);
    });
  }

  /** @internal */
  lost(): void {
    this.#id = undefined;
  }

  /** @internal */
  take(message: BridgeMessage): void {
    if (message.type === "file_changed") this.listeners.changed?.(message.changes);
    else if (message.type === "watch_rescan") this.listeners.rescan?.(message.reason);
    else if (message.type === "watch_limited") this.listeners.limited?.(message.reason);
  }
}
