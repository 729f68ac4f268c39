import { formatBytes } from "@/lib/format";
import { numberFormat } from "@/lib/intl";
import type { Unit } from "./specs";

/** A value in words: `12.5 %`, `3.1 GB`, `1.2 MB/s`. */
export function formatValue(value: number, unit: Unit, locale: string): string {
  const number = (value: number, digits: number) =>
    numberFormat(locale, { maximumFractionDigits: digits }).format(value);
  switch (unit) {
    case "share":
      return numberFormat(locale, {
        style: "percent",
        maximumFractionDigits: value < 100 ? 1 : 0,
      }).format(value / 1000);
    case "load":
      return number(value / 1000, 2);
    case "bytes":
      return formatBytes(value, locale);
    case "rate":
      // The unit stands behind the number in every language; it is left to right like a name.
      return `${formatBytes(value, locale)}/s`;
    case "count":
      return number(value, 0);
  }
}
