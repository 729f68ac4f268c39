import { listFormat, numberFormat } from "./intl";

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** A time span in words, as finely as it matters: "3 hours 12 minutes", "4 seconds". */
export function formatDuration(ms: number, locale: string): string {
  let seconds = Math.max(1, Math.round(ms / 1000));
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  const parts: string[] = [];
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(seconds / size);
    seconds -= count * size;
    if (count === 0) continue;
    parts.push(numberFormat(locale, { style: "unit", unit, unitDisplay: "long" }).format(count));
  }
  return listFormat(locale, { type: "unit", style: "narrow" }).format(parts);
}
