import { ClosedError, LimitError, OutcomeUnknownError } from "./errors.js";

/** How many requests may be sent and not answered; further ones wait. Well below what an agent remembers. */
const UNANSWERED_MAX = 64;

/** How many requests may wait to be sent. */
const WAITING_MAX = 20_000;

/** A request on its way. */
export interface Entry<A> {
  /** Given when it is sent first, so that ids grow in the order in which an agent sees them. */
  id: number;
  readonly type: string;
  /** The request as JSON, without its id. */
  readonly body: string;
  /** It is done at most once for its id. */
  readonly once: boolean;
  /** It means something on the connection only that it is sent on. */
  readonly scoped: boolean;
  /** It was sent before, on a connection that was cut. */
  again: boolean;
  readonly resolve: (answer: A) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Requests in the order in which they were made: what waits, and what was sent and not answered.
 *
 * A terminal's keys have a place of their own: a program that reads none must not hold up what ends it.
 */
export class Queue<A> {
  readonly #waiting: { keys: Entry<A>[]; others: Entry<A>[] } = { keys: [], others: [] };
  readonly #sent = new Map<number, Entry<A>>();
  readonly #unanswered = { keys: 0, others: 0 };
  #lastId = 0;

  add(entry: Entry<A>): void {
    const lane = this.#waiting[laneOf(entry)];
    if (lane.length >= WAITING_MAX) {
      throw new LimitError(`${WAITING_MAX} requests wait to be sent, as many as may.`);
    }
    lane.push(entry);
  }

  /** The next request to send, which is then sent. */
  next(): Entry<A> | undefined {
    for (const lane of ["keys", "others"] as const) {
      if (this.#unanswered[lane] >= UNANSWERED_MAX) continue;
      const entry = this.#waiting[lane].shift();
      if (!entry) continue;
      if (entry.id === 0) {
        this.#lastId += 1;
        entry.id = this.#lastId;
      }
      this.#unanswered[lane] += 1;
      this.#sent.set(entry.id, entry);
      return entry;
    }
    return undefined;
  }

  /** Takes the request that an answer answers. */
  answered(id: number): Entry<A> | undefined {
    const entry = this.#sent.get(id);
    if (entry) {
      this.#sent.delete(id);
      this.#unanswered[laneOf(entry)] -= 1;
    }
    return entry;
  }

  /** The connection was cut: what was sent is to be sent again, in its order. */
  lost(): void {
    const sent = [...this.#sent.values()].sort((one, other) => one.id - other.id);
    this.#sent.clear();
    for (const lane of ["keys", "others"] as const) {
      this.#unanswered[lane] = 0;
      const again = sent.filter((entry) => laneOf(entry) === lane);
      for (const entry of again) entry.again = true;
      const all = [...again, ...this.#waiting[lane]];
      this.#waiting[lane] = all.filter((entry) => !entry.scoped);
      for (const entry of all.filter(({ scoped }) => scoped)) {
        entry.reject(new ClosedError("The connection was cut."));
      }
    }
  }

  /** The agent knows nothing of what was sent before. */
  unknown(): void {
    for (const lane of ["keys", "others"] as const) {
      const isLost = (entry: Entry<A>) => entry.once && entry.again;
      const lost = this.#waiting[lane].filter(isLost);
      this.#waiting[lane] = this.#waiting[lane].filter((entry) => !isLost(entry));
      for (const entry of lost) entry.reject(new OutcomeUnknownError(`\`${entry.type}\``));
    }
  }

  /** Nothing is sent any more. */
  close(error: Error): void {
    const all = [...this.#sent.values(), ...this.#waiting.keys, ...this.#waiting.others];
    this.#sent.clear();
    this.#waiting.keys = [];
    this.#waiting.others = [];
    for (const entry of all) entry.reject(error);
  }
}

function laneOf(entry: { readonly type: string }): "keys" | "others" {
  return entry.type === "terminal_input" ? "keys" : "others";
}
