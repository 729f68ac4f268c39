/**
 * Uploads of one host: a few files at a time, large ones in parts that go on where they broke off.
 * Knows no React; whoever shows it is told when something has changed.
 */
import { ApiError, errorOfFetch, isRetryable } from "@/api/errors";
import { backoffMs } from "@/lib/backoff";
import { baseName, joinPath, numberedName, parentOf } from "../paths";
import type { UploadItem, UploadItems } from "./items";
import { Manifest } from "./manifest";
import { PartSize } from "./part-size";
import {
  beginUpload,
  type Condition,
  cancelUpload,
  finishUpload,
  makeFolder,
  NEW,
  putFile,
  sendPart,
  sizesIn,
  uploadOffset,
} from "./wire";

/** So many files are sent at once: more would wait for each other's disk. */
const PARALLEL = 4;

/** Up to this size a file is sent in one request, in bytes. */
const WHOLE_BYTES_MAX = 1024 * 1024;

/** How often it is written down how far a session is, in files. */
const NOTED_EVERY = 25;

type UploadState = "waiting" | "sending" | "conflict" | "done" | "skipped" | "failed";

export type UploadChoice = "replace" | "keep_both" | "skip";

/** A file on its way. */
export interface Upload {
  readonly file: File;
  /** Where it goes; another name where both are kept. */
  path: string;
  state: UploadState;
  sent: number;
  error?: ApiError;
  /** What stands there now, where that is the trouble. */
  etag?: string | undefined;
}

interface Work extends Upload {
  condition: Condition;
  keepsBoth: boolean;
  id?: string | undefined;
  abort?: AbortController;
}

/** How all of them stand together. */
interface Totals {
  count: number;
  through: number;
  failed: number;
  bytes: number;
  sentBytes: number;
}

export class UploadSession {
  private readonly work: Work[] = [];
  private readonly queue: Work[] = [];
  private readonly folders = new Map<string, Promise<void>>();
  private readonly listed = new Map<string, Promise<ReadonlyMap<string, number>>>();
  private readonly manifest: Manifest;
  private readonly part = new PartSize();
  /** Counted as it changes: to add all up for each of ten thousand files took longer than to send it. */
  private readonly counted: Totals = { count: 0, through: 0, failed: 0, bytes: 0, sentBytes: 0 };
  private sending = 0;
  private collecting = 0;
  private attempt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private ended = false;
  private choiceForAll: UploadChoice | undefined;
  paused = false;

  constructor(
    readonly host: string,
    private readonly changed: () => void,
    /** Entries have come into this folder. */
    private readonly arrived: (folder: string) => void,
  ) {
    this.manifest = new Manifest(host);
  }

  /** The files, in the order in which they came. */
  get uploads(): readonly Upload[] {
    return this.work;
  }

  get totals(): Readonly<Totals> {
    return this.counted;
  }

  /** Nothing is on its way, and nothing waits for anybody. */
  get isIdle(): boolean {
    return this.collecting === 0 && this.counted.through === this.counted.count;
  }

  /** The server cannot be reached; it is tried again by itself. */
  get isOffline(): boolean {
    return this.retry !== undefined;
  }

  /** Adds files as they are found, and begins with them at once. */
  async add(items: UploadItems): Promise<void> {
    this.collecting += 1;
    try {
      for await (const found of items) {
        if (this.ended) return;
        for (const { path, file } of found) if (!file) this.folder(path).catch(() => undefined);
        await this.enqueue(found.filter(hasFile));
      }
    } finally {
      this.collecting -= 1;
      this.changed();
      await this.settle();
    }
  }

  pause(): void {
    this.paused = true;
    for (const one of this.work) one.abort?.abort();
    this.changed();
  }

  resume(): void {
    this.paused = false;
    this.wakeUp();
    this.pump();
    this.changed();
  }

  /** Gives up what is not through, or one of them. */
  cancel(upload?: Upload): void {
    const given = upload ? this.work.filter((one) => one === upload) : this.work;
    if (!upload) this.ended = true;
    for (const one of given) {
      if (isThrough(one.state)) continue;
      this.change(one, { state: "skipped" });
      one.abort?.abort();
      if (one.id !== undefined) void cancelUpload(this.host, one.id);
      one.id = undefined;
    }
    this.changed();
    void this.settle();
  }

  /** Sends a failed one again. */
  again(upload: Upload): void {
    const one = this.work.find((other) => other === upload);
    if (one?.state !== "failed") return;
    this.wait(one);
    this.pump();
  }

  /** What is to happen with one whose name is taken, or with all of them, those to come included. */
  choose(upload: Upload, choice: UploadChoice, forAll: boolean): void {
    if (forAll) this.choiceForAll = choice;
    for (const one of this.work) {
      if (one.state === "conflict" && (forAll || one === upload)) this.apply(one, choice);
    }
    this.pump();
    this.changed();
    void this.settle();
  }

  private async enqueue(found: readonly { path: string; file: File }[]): Promise<void> {
    const known = await this.manifest.find(found);
    for (const [index, { path, file }] of found.entries()) {
      const before = known[index];
      // It may have been deleted or changed since.
      const isThere = before?.done === true && (await this.sizeOf(path)) === file.size;
      const one: Work = {
        path,
        file,
        state: "waiting",
        sent: 0,
        condition: NEW,
        keepsBoth: false,
        id: before?.id,
      };
      this.work.push(one);
      this.counted.count += 1;
      this.counted.bytes += file.size;
      if (isThere) this.change(one, { state: "skipped" });
      else this.queue.push(one);
    }
    await this.noteSession();
    this.pump();
    this.changed();
  }

  private async sizeOf(path: string): Promise<number | undefined> {
    const folder = parentOf(path);
    const listing = this.listed.get(folder) ?? sizesIn(this.host, folder);
    this.listed.set(folder, listing);
    return (await listing).get(path);
  }

  private pump(): void {
    while (!this.paused && !this.ended && this.retry === undefined && this.sending < PARALLEL) {
      const one = this.queue.shift();
      if (!one) return;
      if (one.state !== "waiting") continue;
      this.sending += 1;
      void this.send(one).finally(() => {
        this.sending -= 1;
        this.pump();
        this.changed();
        void this.settle();
      });
    }
  }

  private async send(one: Work): Promise<void> {
    this.change(one, { state: "sending" });
    one.abort = new AbortController();
    const { signal } = one.abort;
    try {
      await this.folder(parentOf(one.path));
      if (one.file.size <= WHOLE_BYTES_MAX) {
        await putFile(this.host, one.path, one.file, one.condition, signal);
      } else {
        await this.sendInParts(one, signal);
      }
      this.change(one, { state: "done", sent: one.file.size });
      this.attempt = 0;
      void this.manifest.note(one.path, one.file, { done: true });
      this.arrived(parentOf(one.path));
      if (this.counted.through % NOTED_EVERY === 0) void this.noteSession();
    } catch (cause) {
      this.fail(one, cause instanceof ApiError ? cause : errorOfFetch(cause));
    }
  }

  private async sendInParts(one: Work, signal: AbortSignal): Promise<void> {
    const { host } = this;
    if (one.id === undefined) {
      one.id = await beginUpload(host, one.path, one.file.size, one.condition, signal);
      this.change(one, { sent: 0 });
      await this.manifest.note(one.path, one.file, { id: one.id });
    } else {
      this.change(one, { sent: await uploadOffset(host, one.id, signal) });
    }
    while (one.sent < one.file.size) {
      const end = Math.min(one.file.size, one.sent + this.part.bytes);
      const began = performance.now();
      await sendPart(host, one.id, one.sent, one.file.slice(one.sent, end), signal);
      this.part.took(performance.now() - began);
      this.change(one, { sent: end });
      this.changed();
    }
    await finishUpload(host, one.id, one.path, one.condition, signal);
    one.id = undefined;
  }

  private fail(one: Work, error: ApiError): void {
    if (one.state === "skipped") return; // It was given up meanwhile.
    if (error.code === "aborted") {
      this.wait(one);
    } else if (isRetryable(error)) {
      this.wait(one);
      this.goOffline();
    } else if (error.code === "not_found" && one.id !== undefined) {
      // The workspace was started again, or it waited for too long.
      one.id = undefined;
      this.change(one, { sent: 0 });
      this.wait(one);
    } else if (error.code === "stale" || error.code === "name_taken") {
      this.change(one, { state: "conflict" });
      one.etag = error.etag;
      const choice = one.keepsBoth ? "keep_both" : this.choiceForAll;
      if (choice) this.apply(one, choice);
    } else {
      // Its folder may be what is gone.
      if (error.code === "not_found") this.folders.delete(parentOf(one.path));
      this.change(one, { state: "failed" });
      one.error = error;
    }
  }

  private apply(one: Work, choice: UploadChoice): void {
    if (choice === "skip") {
      if (one.id !== undefined) void cancelUpload(this.host, one.id);
      one.id = undefined;
      this.change(one, { state: "skipped" });
      return;
    }
    if (choice === "keep_both") {
      one.keepsBoth = true;
      one.path = joinPath(parentOf(one.path), numberedName(baseName(one.path)));
      // An upload belongs to its path.
      if (one.id !== undefined) void cancelUpload(this.host, one.id);
      one.id = undefined;
      this.change(one, { sent: 0 });
    } else {
      // That version and no other: somebody may be at work on it.
      one.condition = { "If-Match": one.etag ?? "*" };
    }
    this.wait(one);
  }

  /** The only way in which these change. */
  private change(one: Work, to: Partial<Pick<Work, "state" | "sent">>): void {
    this.count(one, -1);
    Object.assign(one, to);
    this.count(one, 1);
  }

  private count({ file, sent, state }: Work, by: 1 | -1): void {
    this.counted.sentBytes += by * (state === "skipped" ? file.size : sent);
    if (isThrough(state)) this.counted.through += by;
    if (state === "failed") this.counted.failed += by;
  }

  private wait(one: Work): void {
    this.change(one, { state: "waiting" });
    this.queue.unshift(one);
  }

  private goOffline(): void {
    if (this.retry !== undefined) return;
    this.retry = setTimeout(() => {
      this.wakeUp();
      this.pump();
    }, backoffMs(this.attempt));
    this.attempt += 1;
    this.changed();
  }

  private wakeUp(): void {
    clearTimeout(this.retry);
    this.retry = undefined;
  }

  private folder(path: string): Promise<void> {
    if (path === "") return Promise.resolve();
    const known = this.folders.get(path);
    if (known) return known;
    const made = makeFolder(this.host, path, new AbortController().signal).then(() =>
      this.arrived(parentOf(path)),
    );
    this.folders.set(path, made);
    made.catch(() => this.folders.delete(path));
    return made;
  }

  private noteSession(): Promise<void> {
    const { count, through } = this.counted;
    return this.manifest.noteSession({ count, done: through });
  }

  /** When all is through there is nothing to go on with after a reload. */
  private async settle(): Promise<void> {
    if (this.ended || (this.isIdle && this.counted.failed === 0)) {
      await this.manifest.forget();
    }
  }
}

function isThrough(state: UploadState): boolean {
  return state === "done" || state === "skipped" || state === "failed";
}

function hasFile(item: UploadItem): item is { path: string; file: File } {
  return item.file !== undefined;
}
