/**
 * Uploads of one host: small files many in a request, large ones in parts that go on where they broke off.
 * Knows no React; whoever shows it is told when something has changed.
 */
import { ApiError, errorOfFetch, isRetryable } from "@/api/errors";
import { backoffMs } from "@/lib/backoff";
import { ancestorsOf, baseName, joinPath, numberedName, parentOf } from "../paths";
import { takeTogether } from "./batch";
import type { UploadItem, UploadItems } from "./items";
import { Manifest } from "./manifest";
import { PartSize } from "./part-size";
import {
  beginUpload,
  cancelUpload,
  finishUpload,
  makeFolder,
  NEW,
  putFile,
  putTogether,
  sendPart,
  sizesIn,
  uploadOffset,
} from "./wire";
import { isThrough, type Totals, type Upload, type Work, WorkList } from "./work";

/** So many requests are under way at once: more would wait for each other's disk. */
const PARALLEL = 4;

/** Up to this size a file is sent in one request, with others if they are new, in bytes. */
const WHOLE_BYTES_MAX = 1024 * 1024;

/** How often it is written down how far a session is, in files. */
const NOTED_EVERY = 25;

export type UploadChoice = "replace" | "keep_both" | "skip";

export class UploadSession {
  private readonly work = new WorkList();
  private readonly queue: Work[] = [];
  private readonly folders = new Map<string, Promise<void>>();
  private readonly listed = new Map<string, Promise<ReadonlyMap<string, number>>>();
  private readonly manifest: Manifest;
  private readonly part = new PartSize();
  private readonly batch = new PartSize();
  /** The agent may be one from before there were requests for several files. */
  private knowsBatches = true;
  private sending = 0;
  private noted = 0;
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
    return this.work.all;
  }

  get totals(): Readonly<Totals> {
    return this.work.totals;
  }

  /** Nothing is on its way, and nothing waits for anybody. */
  get isIdle(): boolean {
    return this.collecting === 0 && this.totals.through === this.totals.count;
  }

  /** The server cannot be reached; it is tried again by itself. */
  get isOffline(): boolean {
    return this.retry !== undefined;
  }

  /** Adds files as they are found, and begins with them at once. */
  async add(items: UploadItems): Promise<void> {
    this.collecting += 1;
    // The others come with what they hold.
    const empty = new Set<string>();
    try {
      for await (const found of items) {
        if (this.ended) return;
        for (const { path, file } of found) {
          for (const above of ancestorsOf(path)) empty.delete(above);
          if (!file) empty.add(path);
        }
        await this.enqueue(found.filter(hasFile));
      }
      for (const path of empty) await this.folder(path).catch(() => undefined);
    } finally {
      this.collecting -= 1;
      this.changed();
      await this.settle();
    }
  }

  pause(): void {
    this.paused = true;
    for (const one of this.work.all) one.abort?.abort();
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
    const given = upload ? this.work.all.filter((one) => one === upload) : this.work.all;
    if (!upload) this.ended = true;
    for (const one of given) {
      if (isThrough(one.state)) continue;
      this.work.change(one, { state: "skipped" });
      one.abort?.abort();
      if (one.id !== undefined) void cancelUpload(this.host, one.id);
      one.id = undefined;
    }
    this.changed();
    void this.settle();
  }

  /** Sends a failed one again. */
  again(upload: Upload): void {
    const one = this.work.all.find((other) => other === upload);
    if (one?.state !== "failed") return;
    this.wait(one);
    this.pump();
  }

  /** What is to happen with one whose name is taken, or with all of them, those to come included. */
  choose(upload: Upload, choice: UploadChoice, forAll: boolean): void {
    if (forAll) this.choiceForAll = choice;
    for (const one of this.work.all) {
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
      this.work.add(one);
      if (isThere) this.work.change(one, { state: "skipped" });
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
      const together = takeTogether(one, this.queue, this.batch.bytes, (other) =>
        this.goesTogether(other),
      );
      void (together.length === 1 ? this.send(one) : this.sendTogether(together)).finally(() => {
        this.sending -= 1;
        this.pump();
        this.changed();
        void this.settle();
      });
    }
  }

  private goesTogether({ state, condition, alone, file }: Work): boolean {
    return (
      this.knowsBatches &&
      state === "waiting" &&
      condition === NEW &&
      !alone &&
      file.size <= WHOLE_BYTES_MAX
    );
  }

  private async send(one: Work): Promise<void> {
    this.work.change(one, { state: "sending" });
    one.abort = new AbortController();
    const { signal } = one.abort;
    try {
      await this.folder(parentOf(one.path));
      if (one.file.size <= WHOLE_BYTES_MAX) {
        await putFile(this.host, one.path, one.file, one.condition, signal);
      } else {
        await this.sendInParts(one, signal);
      }
      this.haveCome([one]);
    } catch (cause) {
      this.fail(one, await this.reason(cause, one.file));
    }
  }

  private async sendTogether(all: readonly Work[]): Promise<void> {
    const abort = new AbortController();
    for (const one of all) {
      this.work.change(one, { state: "sending" });
      one.abort = abort;
    }
    const began = performance.now();
    try {
      const errors = await putTogether(this.host, all, abort.signal);
      this.batch.took(performance.now() - began);
      this.haveCome(all.filter((_, index) => errors[index] === undefined));
      for (const [index, one] of all.entries()) {
        const error = errors[index];
        if (error) this.fail(one, error);
      }
    } catch (cause) {
      const reasons = await Promise.all(all.map(({ file }) => this.reason(cause, file)));
      // The last one first: each goes to the front of those that wait.
      for (const [index, one] of [...all.entries()].reverse()) {
        const reason = reasons[index];
        if (reason) this.failTogether(one, reason);
      }
    }
  }

  /** Why a request that carried the file failed. */
  private async reason(cause: unknown, file: File): Promise<ApiError> {
    const error = cause instanceof ApiError ? cause : errorOfFetch(cause);
    // A browser says the same of a file that it cannot read as of a server that it cannot reach.
    if (error.code !== "network" || (await isReadable(file))) return error;
    return new ApiError({ status: 0, code: "unreadable", detail: "The file cannot be read" });
  }

  private failTogether(one: Work, error: ApiError): void {
    // One from before there were requests for several files.
    if (error.status === 404 || error.status === 405) this.knowsBatches = false;
    const isOfAll = error.status >= 400 && !isRetryable(error);
    if (!isOfAll) {
      this.fail(one, error);
    } else if (one.state !== "skipped") {
      // What is wrong, and with which of them, shows when each is sent by itself.
      one.alone = true;
      this.wait(one);
    }
  }

  private haveCome(all: readonly Work[]): void {
    const folders = new Set<string>();
    for (const one of all) {
      // It may have been given up when it was there already.
      this.work.change(one, { state: "done", sent: one.file.size });
      void this.manifest.note(one.path, one.file, { done: true });
      folders.add(parentOf(one.path));
    }
    if (all.length > 0) this.attempt = 0;
    for (const folder of folders) this.stands(folder);
    this.noted += all.length;
    if (this.noted < NOTED_EVERY) return;
    this.noted = 0;
    void this.noteSession();
  }

  private async sendInParts(one: Work, signal: AbortSignal): Promise<void> {
    const { host } = this;
    if (one.id === undefined) {
      one.id = await beginUpload(host, one.path, one.file.size, one.condition, signal);
      this.work.change(one, { sent: 0 });
      await this.manifest.note(one.path, one.file, { id: one.id });
    } else {
      this.work.change(one, { sent: await uploadOffset(host, one.id, signal) });
    }
    while (one.sent < one.file.size) {
      const end = Math.min(one.file.size, one.sent + this.part.bytes);
      const began = performance.now();
      await sendPart(host, one.id, one.sent, one.file.slice(one.sent, end), signal);
      this.part.took(performance.now() - began);
      this.work.change(one, { sent: end });
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
      this.work.change(one, { sent: 0 });
      this.wait(one);
    } else if (error.code === "stale" || error.code === "name_taken") {
      this.work.change(one, { state: "conflict" });
      one.etag = error.etag;
      const choice = one.keepsBoth ? "keep_both" : this.choiceForAll;
      if (choice) this.apply(one, choice);
    } else {
      // Its folder may be what is gone.
      if (error.code === "not_found") this.folders.delete(parentOf(one.path));
      this.work.change(one, { state: "failed" });
      one.error = error;
    }
  }

  private apply(one: Work, choice: UploadChoice): void {
    if (choice === "skip") {
      if (one.id !== undefined) void cancelUpload(this.host, one.id);
      one.id = undefined;
      this.work.change(one, { state: "skipped" });
      return;
    }
    if (choice === "keep_both") {
      one.keepsBoth = true;
      one.path = joinPath(parentOf(one.path), numberedName(baseName(one.path)));
      // An upload belongs to its path.
      if (one.id !== undefined) void cancelUpload(this.host, one.id);
      one.id = undefined;
      this.work.change(one, { sent: 0 });
    } else {
      // That version and no other: somebody may be at work on it.
      one.condition = { "If-Match": one.etag ?? "*" };
    }
    this.wait(one);
  }

  private wait(one: Work): void {
    this.work.change(one, { state: "waiting" });
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

  /** Entries have come into a folder, which may have been made for them. */
  private stands(folder: string): void {
    if (folder !== "" && !this.folders.has(folder)) {
      this.folders.set(folder, Promise.resolve());
      for (const above of ["", ...ancestorsOf(folder)]) this.arrived(above);
    }
    this.arrived(folder);
  }

  private noteSession(): Promise<void> {
    const { count, through } = this.totals;
    return this.manifest.noteSession({ count, done: through });
  }

  /** When all is through there is nothing to go on with after a reload. */
  private async settle(): Promise<void> {
    if (this.ended || (this.isIdle && this.totals.failed === 0)) {
      await this.manifest.forget();
    }
  }
}

function hasFile(item: UploadItem): item is { path: string; file: File } {
  return item.file !== undefined;
}

/** It may be gone or another one since it was chosen. */
function isReadable(file: File): Promise<boolean> {
  return file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );
}
