import { ACK_EVERY_BYTES } from "./messages.js";

/** Takes output as it comes; a promise holds what follows back until it is done. */
export type OutputListener = (bytes: Uint8Array, offset: number) => void | Promise<void>;

/**
 * One stream of output: every byte once and in order, however often the connection is cut.
 *
 * What waits for the listener is bounded by the agent's window, and is dropped when the connection is
 * lost: it is asked for again from where the listener stands.
 */
export class Stream {
  /** Everything before this offset was given to the listener. */
  #given = 0;
  /** The offset of the next byte that is to come. */
  #next = 0;
  #acked = 0;
  #waiting: { offset: number; bytes: Uint8Array }[] = [];
  #giving = false;
  #idle: (() => void)[] = [];

  constructor(
    private readonly listener: OutputListener | undefined,
    private readonly acknowledge: () => void,
    offset = 0,
  ) {
    this.reset(offset);
  }

  /** The offset of the first byte that the listener lacks. */
  get offset(): number {
    return this.#given;
  }

  /** Goes on at `offset`, whatever came before. */
  reset(offset: number): void {
    this.#waiting = [];
    this.#given = offset;
    this.#next = offset;
    this.#acked = offset;
  }

  /** The connection was lost: what waits will come again. */
  lost(): void {
    this.#waiting = [];
    this.#next = this.#given;
  }

  /** Takes what came; what is known already is passed over. Whether bytes are missing before it. */
  push(offset: number, bytes: Uint8Array): boolean {
    const gap = offset > this.#next;
    const begin = Math.max(offset, this.#next);
    const rest = bytes.subarray(begin - offset);
    if (rest.length > 0) {
      this.#next = begin + rest.length;
      this.#waiting.push({ offset: begin, bytes: rest });
      void this.#give();
    }
    return gap;
  }

  /** Resolves when the listener has all that has come. */
  async drained(): Promise<void> {
    if (this.#giving) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #give(): Promise<void> {
    if (this.#giving) return;
    this.#giving = true;
    for (let piece = this.#waiting.shift(); piece; piece = this.#waiting.shift()) {
      const { offset, bytes } = piece;
      // Given as soon as the listener is called: it is not called twice with the same bytes.
      this.#given = offset + bytes.length;
      try {
        await this.listener?.(bytes, offset);
      } catch (error) {
        // A listener's mistake is its own: it is reported as any uncaught one, and output goes on.
        queueMicrotask(() => {
          throw error;
        });
      }
      if (this.#given - this.#acked >= ACK_EVERY_BYTES) {
        this.#acked = this.#given;
        this.acknowledge();
      }
    }
    this.#giving = false;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
