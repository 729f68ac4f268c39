/** How long to wait before connecting again: exponential, with full jitter. */
export interface Backoff {
  /** The bound of the first wait, in milliseconds; 250 when absent. */
  readonly baseMs?: number;
  /** The bound of every wait, in milliseconds; 15,000 when absent. */
  readonly maxMs?: number;
}

/**
 * A wait somewhere between nothing and `baseMs · 2^attempt`, so that clients that lost their server
 * together do not come back together.
 */
export function waitMs(backoff: Backoff, attempt: number, random: () => number): number {
  const { baseMs = 250, maxMs = 15_000 } = backoff;
  return random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
}
