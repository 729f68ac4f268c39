/**
 * Rows of a file that is not loaded: a row is a line, or a piece of a line that is too long to be
 * drawn at once. Rows are found by their offset in bytes, so no row before them need be known. Pure.
 */

/** The longest row, in bytes; a longer line is cut. Some screens wide, and quick to lay out. */
export const ROW_BYTES_MAX = 2000;

export interface Row {
  /** Where it begins, and where the next one does, in bytes. */
  start: number;
  end: number;
  /** Whether a line begins here. */
  lineStart: boolean;
  text: string;
}

const NEWLINE = 0x0a;
const decoder = new TextDecoder("utf-8");

/**
 * The rows in `bytes`, which begin at `offset` of the file, from the row that begins there on. What
 * may go on behind the bytes is left out, unless they end with the file.
 */
export function rowsIn(
  bytes: Uint8Array,
  offset: number,
  { count, lineStart, atEnd }: { count: number; lineStart: boolean; atEnd: boolean },
): Row[] {
  const rows: Row[] = [];
  let at = 0;
  let begins = lineStart;
  while (rows.length < count && at < bytes.length) {
    const limit = Math.min(bytes.length, at + ROW_BYTES_MAX);
    const newline = bytes.subarray(at, limit).indexOf(NEWLINE);
    if (newline < 0 && limit === bytes.length && !atEnd) break;
    const whole = newline >= 0;
    const end = whole ? at + newline + 1 : characterStart(bytes, limit, at);
    const shown = whole ? end - 1 : end;
    const cr = whole && bytes[shown - 1] === 0x0d && shown > at ? 1 : 0;
    const text = decoder.decode(bytes.subarray(at, shown - cr));
    rows.push({ start: offset + at, end: offset + end, lineStart: begins, text });
    at = end;
    begins = whole;
  }
  return rows;
}

/** The start of the character that `at` would cut, so that no row ends inside one. */
function characterStart(bytes: Uint8Array, at: number, floor: number): number {
  if (at >= bytes.length) return at;
  let start = at;
  while (start > floor && at - start < 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  return start > floor ? start : at;
}

/**
 * The start of the row that is `rows` rows before `offset`, of the bytes that end there and begin at
 * `from`. Where no line begins in reach, pieces are counted back.
 */
export function rowsBefore(
  bytes: Uint8Array,
  from: number,
  rows: number,
): { start: number; lineStart: boolean } {
  // The bytes end with the row before: its own newline is not the one that is looked for.
  const starts: { start: number; lineStart: boolean }[] = [];
  const first = from === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
  const begin = first === 0 && from > 0 ? 0 : first;
  const known = from === 0 || first > 0;
  for (const row of rowsIn(bytes.subarray(begin), from + begin, {
    count: Number.POSITIVE_INFINITY,
    lineStart: known,
    atEnd: true,
  })) {
    starts.push({ start: row.start, lineStart: row.lineStart });
  }
  return starts.at(-rows) ?? starts[0] ?? { start: from, lineStart: from === 0 };
}

/** How many newlines there are. */
export function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
