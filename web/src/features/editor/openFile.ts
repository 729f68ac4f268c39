/**
 * One open file: loads it, saves it, follows the disk. Knows neither Monaco nor React: the buffer,
 * the requests and the clock are given.
 */
import { ApiError } from "@/api/errors";
import { decodeText, HEX_BYTES, imageType } from "./content";
import {
  type DocumentEvent,
  type DocumentState,
  type Failure,
  isDirty,
  mayAutosave,
  mayRetry,
  maySave,
  newDocument,
  overwritePrecondition,
  type Precondition,
  reduceDocument,
  savePrecondition,
} from "./document";
import { type EditorFiles, type FileRead, failureOf } from "./files";

/** The text being edited. Equal versions have equal text, so undoing an edit makes it clean again. */
export interface TextBuffer {
  version(): number;
  text(): string;
  /** Replaces the text where it differs; undo still leads back. */
  replace(text: string): void;
  /** The name decides the language. */
  rename(path: string): void;
  dispose(): void;
}

export interface OpenFileEnvironment {
  files: EditorFiles;
  /** Makes the buffer; `edited` is called after each change of its text. */
  createBuffer(path: string, text: string, edited: () => void): Promise<TextBuffer>;
  schedule(ms: number, callback: () => void): () => void;
  /** Whether edits are saved by themselves. */
  autosave(): boolean;
}

/** What the editor shows of a file. */
export type FileContent =
  | { kind: "loading" }
  | { kind: "failed"; failure: Failure }
  | { kind: "absent" }
  | { kind: "text"; buffer: TextBuffer; document: DocumentState }
  | { kind: "image"; type: string; bytes: Uint8Array<ArrayBuffer> }
  | { kind: "binary"; reason: "nul" | "utf8"; size: number; head: Uint8Array }
  | { kind: "large"; size: number };

/** How long typing must pause before it is saved. */
const AUTOSAVE_PAUSE_MS = 1000;
/** How long to wait before a failed save is tried again. */
const SAVE_RETRY_MS = 5000;

export class OpenFile {
  content: FileContent = { kind: "loading" };
  private etag: string | undefined;
  /** The text that the buffer is based on: tells a changed file from one that was only touched. */
  private base = "";
  private cancelAutosave: (() => void) | undefined;
  private disposed = false;
  /** Looks at the disk follow each other, and wait for a save under way. */
  private looking = false;
  private lookAgain = false;

  constructor(
    public path: string,
    private readonly environment: OpenFileEnvironment,
    private readonly changed: () => void,
    private readonly asText = false,
  ) {}

  /** Reads the file for the first time, or again after a failure. */
  async load(): Promise<void> {
    this.show({ kind: "loading" });
    let read: FileRead;
    try {
      read = await this.environment.files.read(this.path);
      if (this.disposed) return;
      await this.fill(read);
    } catch (error) {
      this.show({ kind: "failed", failure: failureOf(error) });
    }
  }

  /** The document, where the file is text. */
  get document(): DocumentState | undefined {
    return this.content.kind === "text" ? this.content.document : undefined;
  }

  get dirty(): boolean {
    return this.document !== undefined && isDirty(this.document);
  }

  /** Saves what was edited. False: it is not on disk, and the document says why. */
  async save(): Promise<boolean> {
    const { document } = this;
    if (!document || !maySave(document)) return !this.dirty;
    return this.write(savePrecondition(document));
  }

  /** Saves over the version on disk that the banner shows. */
  async overwrite(): Promise<boolean> {
    return this.document ? this.write(overwritePrecondition(this.document)) : false;
  }

  /** Gives up the edits for what is on disk. */
  async takeTheirs(): Promise<void> {
    const read = await this.readAgain();
    if (read?.kind === "whole") await this.refill(read);
    else if (read?.kind === "absent") this.apply({ type: "diskGone" });
  }

  /** The text that is on disk now, for comparing; undefined where it is not text. */
  async theirs(): Promise<string | undefined> {
    const read = await this.environment.files.read(this.path);
    if (read.kind !== "whole") return undefined;
    const decoded = decodeText(read.bytes);
    return decoded.kind === "text" ? decoded.text : undefined;
  }

  /** Looks at the disk: something says that the file may have changed. */
  async followDisk(): Promise<void> {
    if (this.looking || this.document?.savingVersion !== undefined) {
      this.lookAgain = true;
      return;
    }
    this.looking = true;
    this.lookAgain = false;
    try {
      const read = await this.readAgain();
      // A save that began meanwhile decides by itself; what was read may be older than it.
      if (read && this.document?.savingVersion === undefined) await this.settle(read);
    } finally {
      this.looking = false;
    }
    if (this.lookAgain && !this.disposed) await this.followDisk();
  }

  /** The file was moved, by us: the buffer goes with it. */
  moved(path: string): void {
    this.path = path;
    if (this.content.kind === "text") this.content.buffer.rename(path);
  }

  /** Autosave was switched on or off. */
  autosaveChanged(): void {
    this.cancelAutosave?.();
    this.saveSoon(AUTOSAVE_PAUSE_MS);
  }

  dispose(): void {
    this.disposed = true;
    this.cancelAutosave?.();
    if (this.content.kind === "text") this.content.buffer.dispose();
  }

  private async readAgain(): Promise<FileRead | undefined> {
    try {
      const known = this.document?.etag ?? this.etag;
      const read = await this.environment.files.read(this.path, known);
      return this.disposed ? undefined : read;
    } catch {
      // Whatever keeps us from reading is said where it matters: at the save, or by the panel.
      return undefined;
    }
  }

  private async settle(read: FileRead): Promise<void> {
    if (this.content.kind !== "text") {
      if (read.kind !== "unchanged") await this.fill(read);
      return;
    }
    if (read.kind === "unchanged")
      return this.apply({ type: "diskTouched", etag: this.content.document.etag });
    if (read.kind === "absent") return this.apply({ type: "diskGone" });
    if (read.kind === "large") return this.apply({ type: "diskChanged", etag: undefined });
    const { etag } = read;
    const decoded = decodeText(read.bytes);
    if (decoded.kind === "text" && decoded.text === this.content.buffer.text()) {
      this.base = decoded.text;
      return this.apply({ type: "diskMatches", etag });
    }
    if (decoded.kind === "text" && decoded.text === this.base) {
      this.apply({ type: "diskTouched", etag });
      return this.saveSoon(AUTOSAVE_PAUSE_MS);
    }
    if (this.dirty) return this.apply({ type: "diskChanged", etag });
    await this.refill(read);
  }

  /** New content for a clean or given-up buffer. */
  private async refill(read: Extract<FileRead, { kind: "whole" }>): Promise<void> {
    const decoded = decodeText(read.bytes);
    if (decoded.kind !== "text" || this.content.kind !== "text") {
      if (this.content.kind === "text") this.content.buffer.dispose();
      return this.fill(read);
    }
    const { buffer } = this.content;
    this.base = decoded.text;
    buffer.replace(decoded.text);
    this.apply({ type: "loaded", version: buffer.version(), etag: read.etag });
  }

  private async fill(read: FileRead): Promise<void> {
    if (read.kind === "absent") return this.show({ kind: "absent" });
    if (read.kind === "large") return this.show({ kind: "large", size: read.size });
    if (read.kind === "unchanged") return;
    const { bytes, etag } = read;
    this.etag = etag;
    const type = this.asText ? undefined : imageType(this.path);
    if (type) return this.show({ kind: "image", type, bytes });
    const decoded = decodeText(bytes);
    if (decoded.kind === "binary") {
      const head = bytes.slice(0, HEX_BYTES);
      return this.show({ kind: "binary", reason: decoded.reason, size: bytes.length, head });
    }
    const buffer = await this.environment.createBuffer(this.path, decoded.text, () =>
      this.edited(),
    );
    if (this.disposed) return buffer.dispose();
    this.base = decoded.text;
    this.show({ kind: "text", buffer, document: newDocument(buffer.version(), etag) });
  }

  private edited(): void {
    if (this.content.kind !== "text") return;
    this.apply({ type: "edited", version: this.content.buffer.version() });
    this.saveSoon(AUTOSAVE_PAUSE_MS);
  }

  private saveSoon(ms: number): void {
    this.cancelAutosave?.();
    if (!this.environment.autosave() || !this.document || !mayAutosave(this.document)) return;
    this.cancelAutosave = this.environment.schedule(ms, () => {
      if (this.environment.autosave() && this.document && mayAutosave(this.document))
        void this.save();
    });
  }

  private async write(guard: Precondition): Promise<boolean> {
    if (this.content.kind !== "text" || this.content.document.savingVersion !== undefined)
      return false;
    this.cancelAutosave?.();
    const text = this.content.buffer.text();
    this.apply({ type: "saveStarted" });
    try {
      const etag = await this.environment.files.write(this.path, text, guard);
      this.base = text;
      this.apply({ type: "saved", etag });
    } catch (error) {
      await this.writeFailed(error);
      // Only the ETag had changed, not the text: the base is right again, and the save may go on.
      const again = "If-Match" in guard && this.baseMoved(guard["If-Match"]);
      return again ? this.save() : !this.dirty;
    }
    if (this.lookAgain) void this.followDisk();
    // What was typed during the save.
    this.saveSoon(AUTOSAVE_PAUSE_MS);
    return true;
  }

  private baseMoved(guardEtag: string): boolean {
    const { document } = this;
    if (!document || this.disposed) return false;
    return document.disk.kind === "same" && !document.failure && document.etag !== guardEtag;
  }

  private async writeFailed(error: unknown): Promise<void> {
    if (this.disposed) return;
    if (error instanceof ApiError && error.code === "stale") {
      this.apply({ type: "saveRefused" });
      await this.followDisk();
      return;
    }
    const failure = failureOf(error);
    this.apply({ type: "saveFailed", failure });
    if (mayRetry(failure)) this.saveSoon(SAVE_RETRY_MS);
  }

  private apply(event: DocumentEvent): void {
    if (this.content.kind !== "text" || this.disposed) return;
    this.show({ ...this.content, document: reduceDocument(this.content.document, event) });
  }

  private show(content: FileContent): void {
    if (this.disposed) return;
    this.content = content;
    this.changed();
  }
}
