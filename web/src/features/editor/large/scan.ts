/** Reads a file through once, part by part, for counting lines and for searching. */
import type { EditorFiles } from "../files";

/** How much one request reads, in bytes: the parts' overhead is small, and stopping is quick. */
const PART_BYTES = 4 * 1024 * 1024;

/** Gives `size` bytes to `each` in their order; `each` may say that it is enough by `false`. */
export async function scan(
  files: EditorFiles,
  path: string,
  range: { start: number; size: number },
  signal: AbortSignal,
  each: (bytes: Uint8Array, offset: number) => boolean | undefined,
): Promise<void> {
  for (let at = range.start; at < range.size && !signal.aborted; ) {
    const end = Math.min(range.size, at + PART_BYTES);
    const { bytes } = await files.readRange(path, at, end, signal);
    if (bytes.length === 0 || signal.aborted || each(bytes, at) === false) return;
    at += bytes.length;
  }
}

/** Where `needle` is found at or behind `start`, in bytes; at the end it goes on from the beginning. */
export async function findBytes(
  files: EditorFiles,
  path: string,
  file: { start: number; size: number },
  needle: Uint8Array,
  ignoreCase: boolean,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (needle.length === 0) return undefined;
  const wanted = ignoreCase ? lowered(needle) : needle;
  for (const range of [
    { start: file.start, size: file.size },
    { start: 0, size: Math.min(file.size, file.start + needle.length - 1) },
  ]) {
    let found: number | undefined;
    // What the part before ended with may be the needle's beginning.
    let rest: Uint8Array = new Uint8Array();
    await scan(files, path, range, signal, (bytes, offset) => {
      const part = new Uint8Array(rest.length + bytes.length);
      part.set(rest);
      part.set(bytes, rest.length);
      const at = indexOf(ignoreCase ? lowered(part) : part, wanted);
      if (at >= 0) found = offset - rest.length + at;
      rest = part.slice(Math.max(0, part.length - needle.length + 1));
      return found === undefined;
    });
    if (found !== undefined || signal.aborted) return found;
  }
  return undefined;
}

/** ASCII letters in lower case: what other scripts call case is not looked at in bytes. */
function lowered(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte));
}

function indexOf(bytes: Uint8Array, needle: Uint8Array): number {
  const [first = 0] = needle;
  for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
    if (at + needle.length > bytes.length) return -1;
    let length = 1;
    while (length < needle.length && bytes[at + length] === needle[length]) length += 1;
    if (length === needle.length) return at;
  }
  return -1;
}
