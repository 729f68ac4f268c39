import { bytesOf, decode, encode } from "./bytes.js";
import { BridgeError, ClosedError } from "./errors.js";
import type { Link } from "./link.js";
import type { BridgeMessage, ExitStatus, TerminalInfo } from "./messages.js";
import { type OutputListener, Stream } from "./stream.js";

/** Who hears of a terminal. */
export interface TerminalListeners {
  /** Its output. */
  readonly output?: OutputListener;
  /** What was missed is no longer held: clear the screen, draw this; output goes on at `offset`. */
  readonly resync?: (screen: Uint8Array, offset: number) => void;
  /** Its size, when somebody else changed it. */
  readonly resized?: (cols: number, rows: number) => void;
}

/** A terminal that is followed, over all connections. */
export class Terminal {
  readonly id: string;
  /** Resolves when its program has ended and the listener has all of its output. */
  readonly exited: Promise<ExitStatus>;
  readonly #stream: Stream;
  #ended = false;
  #exit: (status: ExitStatus) => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(
    private readonly link: Link,
    private readonly forget: (terminal: Terminal) => void,
    /** As the agent showed it when it was followed first. */
    readonly info: TerminalInfo,
    private readonly listeners: TerminalListeners,
    offset: number,
  ) {
    this.id = info.id;
    const acknowledge = () => {
      const { offset } = this.#stream;
      this.link.tell({ type: "ack_terminal", terminal: this.id, offset });
    };
    this.#stream = new Stream(listeners.output, acknowledge, offset);
    this.exited = new Promise((resolve, reject) => {
      this.#exit = resolve;
      this.#fail = reject;
    });
    // Whoever does not ask is not to be bothered.
    this.exited.catch(() => undefined);
  }

  /** The offset of the first byte that the listener lacks. */
  get offset(): number {
    return this.#stream.offset;
  }

  /** Types; resolves when the program's terminal has taken it. */
  async input(data: string | Uint8Array): Promise<void> {
    const text = encode(bytesOf(data));
    await this.link.ask("terminal_input", { terminal: this.id, data: text });
  }

  async resize(cols: number, rows: number): Promise<void> {
    await this.link.ask("terminal_resize", { terminal: this.id, cols, rows });
  }

  /** Ends it and all that runs in it; `exited` tells how. */
  async close(): Promise<void> {
    await this.link.ask("close_terminal", { terminal: this.id });
  }

  /** Follows it no longer; it goes on. */
  async detach(): Promise<void> {
    this.end(new ClosedError("The terminal is no longer followed."));
    await this.link.ask("detach_terminal", { terminal: this.id });
  }

  /** @internal Follows it on a new connection, from where the listener stands. */
  attach(): void {
    const { offset } = this.#stream;
    const asked = this.link.ask("attach_terminal", { terminal: this.id, offset }, true);
    asked.catch((error: unknown) => {
      // A connection that is cut is followed by another attempt.
      if (error instanceof BridgeError) this.end(error);
    });
  }

  /** @internal */
  lost(): void {
    this.#stream.lost();
  }

  /** @internal */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.forget(this);
    this.#fail(error);
  }

  /** @internal */
  take(message: BridgeMessage): void {
    if (message.type === "terminal_output") {
      this.#stream.push(message.offset, decode(message.data));
    } else if (message.type === "terminal_resync") {
      this.#stream.reset(message.offset);
      this.listeners.resync?.(decode(message.data), message.offset);
    } else if (message.type === "terminal_resized") {
      this.listeners.resized?.(message.cols, message.rows);
    } else if (message.type === "terminal_exited" && !this.#ended) {
      this.#ended = true;
      this.forget(this);
      void this.#stream.drained().then(() => this.#exit(message.status));
    }
  }
}
