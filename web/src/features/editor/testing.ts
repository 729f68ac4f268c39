/** What the editor's tests share: a disk in memory, with ETags, that can be told to fail. */
import { ApiError, type ApiErrorCode } from "@/api/errors";
import { TEXT_BYTES_MAX } from "./content";
import type { Precondition } from "./document";
import type { EditorFiles, FileRead, RangeRead } from "./files";
import type { TextBuffer } from "./openFile";
import type { Conventions } from "./text/editorconfig";
import { ENDING_TEXT, type LineEnding } from "./text/line-endings";

/** Files in memory, behaving as the API says. */
export class FakeDisk implements EditorFiles {
  readonly files = new Map<string, { bytes: Uint8Array<ArrayBuffer>; etag: string }>();
  writes = 0;
  /** How many parts of files were read. */
  ranges = 0;
  failure: { status: number; code: ApiErrorCode } | undefined;
  /** The write happens, but its answer is lost on the way. */
  loseAnswer = false;
  /** Holds writes back until it is called. */
  gate: Promise<void> = Promise.resolve();
  private versions = 0;

  put(path: string, content: string | Uint8Array<ArrayBuffer>): string {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    this.versions += 1;
    const etag = `"v${this.versions}"`;
    this.files.set(path, { bytes, etag });
    return etag;
  }

  text(path: string): string | undefined {
    const file = this.files.get(path);
    return file && new TextDecoder().decode(file.bytes);
  }

  async read(path: string, known?: string): Promise<FileRead> {
    const file = this.files.get(path);
    if (!file) return { kind: "absent" };
    if (file.etag === known) return { kind: "unchanged" };
    if (file.bytes.length > TEXT_BYTES_MAX) {
      return { kind: "large", size: file.bytes.length, etag: file.etag };
    }
    return { kind: "whole", bytes: file.bytes, etag: file.etag };
  }

  async readRange(path: string, start: number, end: number): Promise<RangeRead> {
    const file = this.files.get(path);
    if (!file) throw problem(404, "not_found");
    this.ranges += 1;
    return { bytes: file.bytes.slice(start, end), size: file.bytes.length, etag: file.etag };
  }

  async write(path: string, bytes: Uint8Array<ArrayBuffer>, guard: Precondition): Promise<string> {
    await this.gate;
    if (this.failure) throw problem(this.failure.status, this.failure.code);
    const current = this.files.get(path)?.etag;
    const allowed =
      "If-Match" in guard
        ? guard["If-Match"] === "*" || guard["If-Match"] === current
        : current === undefined;
    if (!allowed) throw problem(412, "stale");
    this.writes += 1;
    const etag = this.put(path, bytes);
    if (this.loseAnswer) throw problem(0, "network");
    return etag;
  }
}

function problem(status: number, code: ApiErrorCode): ApiError {
  return new ApiError({ status, code, detail: `the disk says ${code}` });
}

/** A buffer whose versions behave as Monaco's alternative versions: going back gives the old one. */
export class FakeBuffer implements TextBuffer {
  private readonly versions = new Map<string, number>();
  disposed = false;

  constructor(
    private value: string,
    private readonly edited: () => void,
  ) {
    this.version();
  }

  version(): number {
    const known = this.versions.get(this.value) ?? this.versions.size + 1;
    this.versions.set(this.value, known);
    return known;
  }

  text(): string {
    return this.value;
  }

  replace(text: string): void {
    this.type(text);
  }

  type(text: string): void {
    this.value = text;
    this.edited();
  }

  rename(): void {}

  lineEnding(): LineEnding {
    return this.value.includes("\r\n") ? "crlf" : "lf";
  }

  setLineEnding(ending: LineEnding): void {
    this.type(this.value.replace(/\r?\n/g, ENDING_TEXT[ending]));
  }

  follow(): void {}

  tidy(conventions: Conventions): void {
    if (conventions.trimTrailingWhitespace) this.type(this.value.replace(/[ \t]+$/gm, ""));
    if (conventions.insertFinalNewline && !this.value.endsWith("\n")) this.type(`${this.value}\n`);
  }

  dispose(): void {
    this.disposed = true;
  }
}

/** Timers that fire when the test says. */
export class FakeTimers {
  private readonly timers = new Map<() => void, number>();

  schedule = (ms: number, callback: () => void): (() => void) => {
    this.timers.set(callback, ms);
    return () => this.timers.delete(callback);
  };

  waits(): number[] {
    return [...this.timers.values()];
  }

  fire(): void {
    for (const callback of [...this.timers.keys()]) {
      this.timers.delete(callback);
      callback();
    }
  }
}

/** Lets all that is under way settle: everything here resolves without timers. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}
