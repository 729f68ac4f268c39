import { dateTimeFormat } from "@/lib/intl";

const DAY_MS = 24 * 3_600_000;

/** A point in time below a plot of so long a span, or by itself with seconds (span 0). */
export function formatTime(at: number, spanMs: number, locale: string): string {
  const options: Intl.DateTimeFormatOptions =
    spanMs > 2 * DAY_MS
      ? { month: "short", day: "numeric" }
      : spanMs > 0
        ? { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }
        : {
            month: "short",
            day: "numeric",
            hour: "2-digit",
            minute: "2-digit",
            second: "2-digit",
            hourCycle: "h23",
          };
  return dateTimeFormat(locale, options).format(at);
}
