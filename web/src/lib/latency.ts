import { numberFormat } from "./intl";

/** A round trip as people read it: "0.4 ms", "12 ms", "1.2 s". */
export function formatLatency(microseconds: number, locale: string): string {
  const seconds = microseconds >= 1_000_000;
  const value = microseconds / (seconds ? 1_000_000 : 1000);
  return numberFormat(locale, {
    style: "unit",
    unit: seconds ? "second" : "millisecond",
    unitDisplay: "short",
    maximumFractionDigits: value < 10 ? 1 : 0,
  }).format(value);
}
