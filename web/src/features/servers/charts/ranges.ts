/** The ranges that charts show, by the name that stands in the address, in milliseconds. */
export const RANGES = {
  "15m": 15 * 60_000,
  "1h": 3_600_000,
  "6h": 6 * 3_600_000,
  "24h": 24 * 3_600_000,
  "7d": 7 * 24 * 3_600_000,
} as const;

export type Range = keyof typeof RANGES;

/** What is shown when the address says nothing. */
export const DEFAULT_RANGE: Range = "1h";

/** Whether it is one of the ranges. */
export function isRange(text: unknown): text is Range {
  return typeof text === "string" && Object.hasOwn(RANGES, text);
}

const NEWEST_EVERY_MS = 30_000;
const OLDEST_EVERY_MS = 300_000;

/** How often a history is read again: live measurements fill in until then. */
export function refetchMs(stepMs: number | undefined): number {
  return Math.min(OLDEST_EVERY_MS, Math.max(NEWEST_EVERY_MS, stepMs ?? 0));
}
