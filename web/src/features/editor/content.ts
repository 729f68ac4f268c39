/** What a file's bytes are: text that can be edited without loss, or something to look at. Pure. */

/** Above this a file is not loaded into the editor; it is offered as a download and a first window. */
export const TEXT_BYTES_MAX = 20_000_000;

/** How much of a larger file the first window shows. */
export const WINDOW_BYTES = 1_000_000;

/** How much of a binary file is shown as hex. */
export const HEX_BYTES = 4 * 1024;

/** A NUL in the first part marks binary, as in Git's own test (buffer_is_binary, 8000 bytes). */
const SNIFF_BYTES = 8000;

export type Decoded = { kind: "text"; text: string } | { kind: "binary"; reason: "nul" | "utf8" };

/** Reads bytes as UTF-8. A byte order mark stays in the text, so that saving keeps it. */
export function decodeText(bytes: Uint8Array): Decoded {
  if (bytes.subarray(0, SNIFF_BYTES).includes(0)) return { kind: "binary", reason: "nul" };
  try {
    return {
      kind: "text",
      text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    };
  } catch {
    return { kind: "binary", reason: "utf8" };
  }
}

/** The beginning of a large file as text: a character cut at the window's end is left out. */
export function decodeWindow(bytes: Uint8Array): Decoded {
  for (let cut = 0; cut < 4; cut += 1) {
    const decoded = decodeText(bytes.subarray(0, bytes.length - cut));
    if (decoded.kind === "text" || decoded.reason === "nul") return decoded;
  }
  return { kind: "binary", reason: "utf8" };
}

const IMAGE_TYPES: Record<string, string> = {
  avif: "image/avif",
  bmp: "image/bmp",
  gif: "image/gif",
  ico: "image/x-icon",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  svg: "image/svg+xml",
  webp: "image/webp",
};

/** The media type of an image that browsers show, by its name. */
export function imageType(path: string): string | undefined {
  const dot = path.lastIndexOf(".");
  return dot < 0 ? undefined : IMAGE_TYPES[path.slice(dot + 1).toLowerCase()];
}

export interface HexRow {
  /** Eight hex digits. */
  offset: string;
  /** Two groups of up to eight bytes. */
  hex: [string, string];
  /** Printable ASCII; a dot for everything else. */
  text: string;
}

/** Rows of sixteen bytes, as `hexdump -C` shows them. */
export function hexRows(bytes: Uint8Array): HexRow[] {
  const rows: HexRow[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0"));
    rows.push({
      offset: at.toString(16).padStart(8, "0"),
      hex: [hex.slice(0, 8).join(" "), hex.slice(8).join(" ")],
      text: row
        .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."))
        .join(""),
    });
  }
  return rows;
}
