import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Passes bytes on to a server, and cuts each connection after a random number of them, inside of a frame
 * as well as between two; until it has cut often enough.
 */
export class Relay {
  cuts = 0;
  port = 0;
  #blocked = false;
  readonly #open = new Set<Socket>();
  readonly #server = createServer((client) => this.#pass(client));

  constructor(
    private readonly target: number,
    private readonly cutsMax: number,
    private readonly bytesMax: number,
    private readonly random: () => number,
  ) {}

  async start(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Lets nothing through, until it is called with false. */
  block(blocked: boolean): void {
    this.#blocked = blocked;
    if (blocked) for (const socket of this.#open) socket.destroy();
  }

  async stop(): Promise<void> {
    this.block(true);
    this.#server.close();
    await once(this.#server, "close");
  }

  #pass(client: Socket): void {
    if (this.#blocked) {
      client.destroy();
      return;
    }
    const server = connect(this.target, "127.0.0.1");
    const both = [client, server];
    let left = this.random() * this.bytesMax;
    const cut = () => {
      for (const socket of both) socket.destroy();
    };
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#open.add(from);
      from.setNoDelay(true);
      from.on("data", (bytes: Buffer) => {
        if (this.cuts < this.cutsMax && bytes.length > left && !from.destroyed) {
          this.cuts += 1;
          to.write(bytes.subarray(0, left));
          // What was written before is still sent, and nothing after it.
          to.end();
          from.destroy();
          return;
        }
        left -= bytes.length;
        if (!to.write(bytes)) {
          from.pause();
          to.once("drain", () => from.resume());
        }
      });
      from.on("error", cut);
      from.on("close", () => {
        this.#open.delete(from);
        to.destroySoon();
      });
    }
  }
}
