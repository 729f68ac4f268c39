/** Which small files go together in one request. Pure. */
import { parentOf } from "../paths";

/** So many at most: the server takes more, and progress is to be seen. */
const FILES_MAX = 128;

/** So much at most, in bytes, likewise. */
const BYTES_MAX = 4 * 1024 * 1024;

interface Sized {
  path: string;
  file: { size: number };
}

/**
 * Takes those from the front of `queue` that `fits`, until there are too many or too much; `first` is one of them
 * already.
 */
export function takeTogether<One extends Sized>(
  first: One,
  queue: One[],
  bytesMax: number,
  fits: (one: One) => boolean,
): One[] {
  const together = [first];
  if (!fits(first)) return together;
  let bytes = first.file.size;
  for (const next of queue) {
    bytes += next.file.size;
    if (together.length === FILES_MAX || bytes > Math.min(bytesMax, BYTES_MAX) || !fits(next))
      break;
    together.push(next);
  }
  queue.splice(0, together.length - 1);
  return together;
}

/** The deepest folder that all of them lie below; "" for the root. */
export function commonFolder(files: readonly { path: string }[]): string {
  const [first, ...rest] = files.map(({ path }) => parentOf(path).split("/"));
  if (!first) return "";
  const differs = first.findIndex((part, index) => rest.some((other) => other[index] !== part));
  return first.slice(0, differs < 0 ? first.length : differs).join("/");
}
