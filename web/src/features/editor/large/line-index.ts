/**
 * Which line is where in a file that is not loaded: the newlines of each block, counted once while
 * the file is read through. Until then a line's number is an estimate, and is said to be one.
 */
import { BLOCK_BYTES } from "./byte-blocks";
import { countNewlines } from "./rows";

export class LineIndex {
  /** Newlines before the end of each block that was read through, from the first on. */
  private readonly until: number[] = [];
  private inBlock = 0;
  private newlines = 0;
  /** How far the file has been read through, in bytes. */
  scanned = 0;

  /** The bytes that follow those before. */
  add(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      const part = bytes.subarray(at, at + BLOCK_BYTES - this.inBlock);
      this.newlines += countNewlines(part);
      this.inBlock += part.length;
      this.scanned += part.length;
      at += part.length;
      if (this.inBlock === BLOCK_BYTES) {
        this.until.push(this.newlines);
        this.inBlock = 0;
      }
    }
  }

  /** Newlines before the block, where it has been reached. */
  before(block: number): number | undefined {
    return block === 0 ? 0 : this.until[block - 1];
  }

  /** The line of a file of `size` bytes at `offset`, estimated. */
  estimate(offset: number): number {
    const perByte = this.scanned === 0 ? ESTIMATED_LINES_PER_BYTE : this.newlines / this.scanned;
    return Math.round(offset * perByte) + 1;
  }

  /** Where to look for a line (from 1): the block that it begins in, and the newlines before that. */
  blockOf(line: number): { block: number; before: number } | undefined {
    const wanted = line - 1;
    if (wanted > this.newlines) return undefined;
    // The line begins behind its last newline, which may be the block's own last byte.
    let low = 0;
    let high = this.until.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.until[middle] ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return { block: low, before: this.before(low) ?? 0 };
  }

  /** How many lines there are, as far as is known. */
  get lines(): number {
    return this.newlines + 1;
  }
}

/** Forty bytes a line: code and logs are near it. */
const ESTIMATED_LINES_PER_BYTE = 1 / 40;
