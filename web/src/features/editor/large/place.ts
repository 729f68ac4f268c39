/** What a person types to go to a place of a file. Pure. */

/** A line; or, with `0x` in front or `%` behind, an offset. For bytes a plain number is an offset. */
export function parsePlace(
  text: string,
  size: number,
  hasLines: boolean,
): { kind: "line"; line: number } | { kind: "offset"; offset: number } | undefined {
  const trimmed = text.trim();
  const percent = /^(\d{1,3}(?:\.\d+)?)\s*%$/.exec(trimmed);
  if (percent) return offset(Math.floor((Number(percent[1]) / 100) * size), size);
  const hex = /^0x([\da-f]{1,12})$/i.exec(trimmed);
  if (hex?.[1]) return offset(Number.parseInt(hex[1], 16), size);
  if (!/^\d{1,15}$/.test(trimmed)) return undefined;
  const number = Number(trimmed);
  if (!hasLines) return offset(number, size);
  return number > 0 ? { kind: "line", line: number } : undefined;
}

function offset(value: number, size: number) {
  return value <= size ? ({ kind: "offset", offset: value } as const) : undefined;
}
