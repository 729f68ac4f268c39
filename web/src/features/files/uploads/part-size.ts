/** How much of a file one request carries: so much that it takes about a second. Pure. */

/** The least, and what is begun with, in bytes: progress is to be seen on slow lines too. */
const LEAST = 1024 * 1024;

/** The most, in bytes: what is sent again when a connection breaks. */
const MOST = 32 * 1024 * 1024;

/** A part that took less is followed by a larger one, in milliseconds. */
const SHORT_MS = 400;
/** One that took more is followed by a smaller one. */
const LONG_MS = 2_000;

export class PartSize {
  bytes = LEAST;

  /** A part of this size took so long. */
  took(ms: number): void {
    if (ms < SHORT_MS) this.bytes = Math.min(MOST, this.bytes * 2);
    else if (ms > LONG_MS) this.bytes = Math.max(LEAST, this.bytes / 2);
  }
}
