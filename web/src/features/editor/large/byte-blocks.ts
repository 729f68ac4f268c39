/** Parts of a file that is never loaded whole: blocks that are read when they are needed. */
import type { EditorFiles } from "../files";

/** How much one request reads, in bytes: a few screens, and soon there on a slow line. */
export const BLOCK_BYTES = 256 * 1024;
/** How many blocks are held: together 8 MiB, however large the file is. */
const BLOCKS_MAX = 32;

export class ByteBlocks {
  /** The latest used stands last. */
  private readonly blocks = new Map<number, Uint8Array<ArrayBuffer>>();
  private readonly loading = new Map<number, Promise<void>>();
  private abort = new AbortController();
  /** Why a block could not be read. */
  failure: unknown;

  constructor(
    private readonly files: EditorFiles,
    private readonly path: string,
    public size: number,
    private readonly changed: () => void,
  ) {}

  /** The bytes from `start` to `end`; where they are not there, they are read, and `changed` told. */
  bytes(start: number, end: number): Uint8Array | undefined {
    const bytes = this.peek(start, end);
    if (bytes) return bytes;
    const last = Math.min(end, this.size);
    for (let block = Math.floor(start / BLOCK_BYTES); block * BLOCK_BYTES < last; block += 1) {
      if (!this.blocks.has(block)) this.load(block);
    }
    return undefined;
  }

  /** The same, where they are there already; may be called while drawing. */
  peek(start: number, end: number): Uint8Array | undefined {
    const last = Math.min(end, this.size);
    if (start >= last) return new Uint8Array();
    const parts: Uint8Array[] = [];
    for (let block = Math.floor(start / BLOCK_BYTES); block * BLOCK_BYTES < last; block += 1) {
      const bytes = this.use(block);
      if (!bytes) return undefined;
      const from = block * BLOCK_BYTES;
      parts.push(bytes.subarray(Math.max(0, start - from), Math.max(0, last - from)));
    }
    return parts.length === 1 ? parts[0] : concat(parts);
  }

  /** Another content is on disk, of that size: what was read is forgotten. */
  reset(size: number): void {
    this.release();
    this.blocks.clear();
    this.failure = undefined;
    this.size = size;
    this.changed();
  }

  /** Tries again what failed. */
  retry(): void {
    this.failure = undefined;
    this.changed();
  }

  /** Nothing shows it any more: what is under way is given up. */
  release(): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.loading.clear();
  }

  private use(block: number): Uint8Array | undefined {
    const bytes = this.blocks.get(block);
    if (!bytes) return undefined;
    this.blocks.delete(block);
    this.blocks.set(block, bytes);
    return bytes;
  }

  private load(block: number): void {
    if (this.loading.has(block) || this.failure !== undefined) return;
    const { signal } = this.abort;
    const start = block * BLOCK_BYTES;
    const end = Math.min(start + BLOCK_BYTES, this.size);
    const read = this.files.readRange(this.path, start, end, signal).then(
      ({ bytes }) => {
        if (signal.aborted) return;
        this.blocks.set(block, bytes);
        const [oldest] = this.blocks.keys();
        if (this.blocks.size > BLOCKS_MAX && oldest !== undefined) this.blocks.delete(oldest);
      },
      (error: unknown) => {
        if (!signal.aborted) this.failure = error;
      },
    );
    this.loading.set(
      block,
      read.finally(() => {
        if (signal.aborted) return;
        this.loading.delete(block);
        this.changed();
      }),
    );
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
