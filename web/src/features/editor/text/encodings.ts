/**
 * Text encodings, both ways. Browsers decode all encodings of the web (WHATWG Encoding) but encode
 * only UTF-8; so the way back is a table made from what the decoder says. Nothing is ever replaced: a
 * text that the encoding lacks a character for is refused.
 */

/** The encodings that can be chosen, by their WHATWG names. */
export const ENCODINGS = [
  "utf-8",
  "utf-16le",
  "utf-16be",
  "windows-1252",
  "windows-1256",
  "windows-1250",
  "windows-1251",
  "windows-1253",
  "windows-1254",
  "windows-1255",
  "windows-1257",
  "windows-1258",
  "iso-8859-2",
  "iso-8859-5",
  "iso-8859-6",
  "iso-8859-7",
  "iso-8859-15",
  "koi8-r",
  "koi8-u",
  "ibm866",
  "macintosh",
  "gb18030",
  "gbk",
  "big5",
  "shift_jis",
  "euc-jp",
  "euc-kr",
] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** An encoding as people write it. */
export function encodingName(encoding: Encoding): string {
  return /^(?:windows|macintosh|shift)/.test(encoding) ? encoding : encoding.toUpperCase();
}

/** How a text stands in its file. */
export interface TextFormat {
  encoding: Encoding;
  /** A byte order mark in front. */
  bom: boolean;
}

const UTF8: TextFormat = { encoding: "utf-8", bom: false };

const BOMS: readonly { encoding: Encoding; bytes: readonly number[] }[] = [
  { encoding: "utf-8", bytes: [0xef, 0xbb, 0xbf] },
  { encoding: "utf-16le", bytes: [0xff, 0xfe] },
  { encoding: "utf-16be", bytes: [0xfe, 0xff] },
];

/** How much of a file is looked at, as in Git's own test for binary (buffer_is_binary). */
const SNIFF_BYTES = 8000;
/** UTF-16 without a mark is believed where this share of every second byte is NUL. */
const UTF16_SHARE = 0.4;
/** Fewer bytes show nothing. */
const UTF16_BYTES_MIN = 8;

export type Detected = TextFormat | { binary: "nul" | "utf8" };

/** What the bytes seem to be: only what can be known, never a guess between legacy encodings. */
export function detect(bytes: Uint8Array): Detected {
  const marked = BOMS.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte));
  if (marked) return { encoding: marked.encoding, bom: true };
  const head = bytes.subarray(0, SNIFF_BYTES);
  if (head.includes(0)) {
    const utf16 = unmarkedUtf16(head);
    return utf16 ? { encoding: utf16, bom: false } : { binary: "nul" };
  }
  return isUtf8(bytes) ? UTF8 : { binary: "utf8" };
}

function unmarkedUtf16(head: Uint8Array): Encoding | undefined {
  const nuls = [0, 0];
  head.forEach((byte, index) => {
    if (byte === 0) nuls[index % 2] = (nuls[index % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = nuls;
  const enough = (head.length / 2) * UTF16_SHARE;
  const odds = head.length % 2 === 1 && head.length < SNIFF_BYTES;
  if (head.length < UTF16_BYTES_MIN || odds) return undefined;
  const guess =
    odd > enough && even === 0 ? "utf-16le" : even > enough && odd === 0 ? "utf-16be" : undefined;
  // Small numbers of two bytes look alike, but are no text.
  const text = guess && decode(head.subarray(0, head.length & ~1), guess);
  return text !== undefined && !CONTROLS.test(text) ? guess : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROLS = /[\0-\x08\x0e-\x1f]/;

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The text of the bytes without its mark; nothing where they are not of that encoding. */
export function decode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    // A mark is taken off by the decoder, where it belongs to the encoding.
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether the bytes begin with the encoding's mark. */
export function hasBom(bytes: Uint8Array, encoding: Encoding): boolean {
  const mark = BOMS.find((known) => known.encoding === encoding);
  return mark?.bytes.every((byte, index) => bytes[index] === byte) ?? false;
}

export type Encoded =
  | { kind: "bytes"; bytes: Uint8Array<ArrayBuffer> }
  /** The encoding has no such character; lines from 1. */
  | { kind: "unencodable"; character: string; line: number };

/** The bytes of the text. */
export function encode(text: string, { encoding, bom }: TextFormat): Encoded {
  const mark = bom ? (BOMS.find((known) => known.encoding === encoding)?.bytes ?? []) : [];
  if (encoding === "utf-8") {
    const bytes = new TextEncoder().encode(text);
    return { kind: "bytes", bytes: mark.length > 0 ? joined(mark, bytes) : bytes };
  }
  if (encoding === "utf-16le" || encoding === "utf-16be") {
    const bytes = new Uint8Array(text.length * 2);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at += 1) {
      view.setUint16(at * 2, text.charCodeAt(at), encoding === "utf-16le");
    }
    return { kind: "bytes", bytes: joined(mark, bytes) };
  }
  return encodeByTable(text, encoding);
}

function joined(mark: readonly number[], bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(mark.length + bytes.length);
  whole.set(mark);
  whole.set(bytes, mark.length);
  return whole;
}

function encodeByTable(text: string, encoding: Encoding): Encoded {
  const table = tableOf(encoding);
  // No encoding here needs more than four bytes for a code point, or for two units of UTF-16.
  const bytes = new Uint8Array(text.length * 4);
  let length = 0;
  let line = 1;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code === 0x0a) line += 1;
    const value = code < 0x80 ? code : (table.get(code) ?? beyondBmp(code, encoding));
    if (value === undefined) return { kind: "unencodable", character, line };
    for (
      let shift = value > 0xff_ffff ? 24 : value > 0xffff ? 16 : value > 0xff ? 8 : 0;
      shift >= 0;
      shift -= 8
    ) {
      bytes[length] = (value >>> shift) & 0xff;
      length += 1;
    }
  }
  return { kind: "bytes", bytes: bytes.slice(0, length) };
}

const tables = new Map<Encoding, Map<number, number>>();

/** From code points to bytes, the bytes as one number. Made when it is first needed. */
function tableOf(encoding: Encoding): Map<number, number> {
  const known = tables.get(encoding);
  if (known) return known;
  const table = new Map<number, number>();
  const decoder = new TextDecoder(encoding, { fatal: true });
  const add = (...bytes: number[]) => {
    let character: string;
    try {
      character = decoder.decode(Uint8Array.from(bytes));
    } catch {
      return false;
    }
    const code = character.codePointAt(0) ?? 0;
    if (character.length !== (code > 0xffff ? 2 : 1) || code < 0x80) return true;
    // The first of several is the standard's choice for encoding.
    if (!table.has(code))
      table.set(
        code,
        bytes.reduce((value, byte) => value * 256 + byte, 0),
      );
    return true;
  };
  for (let lead = 0x80; lead < 0x100; lead += 1) {
    if (add(lead) || SINGLE_BYTE.has(encoding)) continue;
    // Shift_JIS has the NEC-selected extensions twice, and big5 Hong Kong's: decoded, never encoded.
    if (encoding === "shift_jis" && (lead === 0xed || lead === 0xee)) continue;
    if (encoding === "big5" && lead < 0xa1) continue;
    for (let trail = 0x30; trail < 0xff; trail += 1) {
      if (trail > 0x39 && trail < 0x40) continue;
      if (trail >= 0x40) add(lead, trail);
      else if (encoding === "gb18030" && lead < 0x85) addFourByte(add, lead, trail);
    }
  }
  if (encoding === "euc-jp") {
    for (let second = 0xa1; second < 0xff; second += 1) {
      for (let third = 0xa1; third < 0xff; third += 1) add(0x8f, second, third);
    }
  }
  tables.set(encoding, table);
  return table;
}

const SINGLE_BYTE: ReadonlySet<Encoding> = new Set(
  ENCODINGS.filter((name) => /^(?:windows|iso|koi|ibm|mac)/.test(name)),
);

function addFourByte(add: (...bytes: number[]) => boolean, first: number, second: number): void {
  for (let third = 0x81; third < 0xff; third += 1) {
    for (let fourth = 0x30; fourth < 0x3a; fourth += 1) add(first, second, third, fourth);
  }
}

/** GB 18030 numbers the code points above the basic plane one after the other. */
function beyondBmp(code: number, encoding: Encoding): number | undefined {
  if (encoding !== "gb18030" || code < 0x1_0000) return undefined;
  const pointer = code - 0x1_0000 + 189_000;
  const bytes = [
    Math.floor(pointer / 12_600) + 0x81,
    (Math.floor(pointer / 1260) % 10) + 0x30,
    (Math.floor(pointer / 10) % 126) + 0x81,
    (pointer % 10) + 0x30,
  ];
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
