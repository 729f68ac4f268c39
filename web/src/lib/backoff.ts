/** The first wait's upper bound. Short: most drops are a restart that takes a second. */
const BASE_MS = 500;

/** The longest wait: a person who looks at the page should not wait longer than this. */
const MAX_MS = 15_000;

/**
 * How long to wait before reconnection attempt `attempt` (from 0): exponential with full jitter, so
 * that a thousand browsers do not return in step after a restart ("Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015). Never under 100 ms, so that a refusing server is not hammered.
 */
export function backoffMs(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(MAX_MS, BASE_MS * 2 ** Math.min(attempt, 16));
  return Math.max(100, Math.round(random() * ceiling));
}
