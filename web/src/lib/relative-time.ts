import { dateTimeFormat, relativeTimeFormat } from "./intl";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const UNITS: [limit: number, size: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [MINUTE, SECOND, "second"],
  [HOUR, MINUTE, "minute"],
  [DAY, HOUR, "hour"],
  [30 * DAY, DAY, "day"],
  [365 * DAY, 30 * DAY, "month"],
  [Number.POSITIVE_INFINITY, 365 * DAY, "year"],
];

/** Under this distance a time is "now": the clocks of browser and server differ by about as much. */
const NOW_MS = 5 * SECOND;

/** `at`, seen from `now`, in words: "3 hours ago", "in 2 days", "now". */
export function relativeTime(at: number, now: number, locale: string): string {
  const format = relativeTimeFormat(locale, { numeric: "auto" });
  const distance = at - now;
  const size = Math.abs(distance);
  if (size < NOW_MS) return format.format(0, "second");
  for (const [limit, unitSize, unit] of UNITS) {
    if (size < limit) return format.format(Math.trunc(distance / unitSize), unit);
  }
  return format.format(0, "second");
}

/** `at` to the second, in the reader's time zone. */
export function exactTime(at: number, locale: string): string {
  return dateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium" }).format(at);
}
