/**
 * One open file: loads it, saves it, follows the disk. Knows neither Monaco nor React: the buffer,
 * the requests and the clock are given.
 */
import { ApiError } from "@/api/errors";
import { imageType, viewerOf } from "./content";
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
import type { Merged } from "./merge/merge3";
import type { Conventions } from "./text/editorconfig";
import type { Encoding, TextFormat } from "./text/encodings";
import type { LineEnding } from "./text/line-endings";
import { type BinaryReason, readText, type TextRead, writeText } from "./text/read-text";

/** The text being edited. Equal versions have equal text, so undoing an edit makes it clean again. */
export interface TextBuffer {
  version(): number;
  text(): string;
  /** Replaces the text where it differs; undo still leads back. */
  replace(text: string): void;
  /** The name decides the language. */
  rename(path: string): void;
  /** What the lines end with. */
  lineEnding(): LineEnding;
  setLineEnding(ending: LineEnding): void;
  /** Follows the project's conventions in what is typed from now on. */
  follow(conventions: Conventions): void;
  /** Brings the text in line with the project's conventions before it is saved. */
  tidy(conventions: Conventions): void;
  dispose(): void;
}

export interface OpenFileEnvironment {
  files: EditorFiles;
  /** Makes the buffer; `edited` is called after each change of its text. */
  createBuffer(path: string, text: string, edited: () => void): Promise<TextBuffer>;
  schedule(ms: number, callback: () => void): () => void;
  /** When edits are saved by themselves. */
  autosave(): AutosaveMode;
  /** What the project says of a file. */
  conventions(path: string): Promise<Conventions>;
  /** Merges what became of `base` in the editor and on disk. */
  merge(mine: string, base: string, theirs: string): Promise<Merged>;
}

/** Never, when typing pauses, or when the focus leaves the text. */
export type AutosaveMode = "off" | "delay" | "focus";

/** What the editor shows of a file. */
export type FileContent =
  | { kind: "loading" }
  | { kind: "failed"; failure: Failure }
  | { kind: "absent" }
  | { kind: "text"; buffer: TextBuffer; document: DocumentState; format: TextFormat }
  | { kind: "image"; type: string; bytes: Uint8Array<ArrayBuffer> }
  /** Shown by a viewer that reads the bytes itself; another ETag is another content. */
  | { kind: "pdf" | "audio" | "video"; etag: string | undefined }
  | { kind: "binary"; reason: BinaryReason; size: number }
  | { kind: "large"; size: number; etag: string | undefined };

/** How long typing must pause before it is saved. */
const AUTOSAVE_PAUSE_MS = 1000;
/** How long to wait before a failed save is tried again. */
const SAVE_RETRY_MS = 5000;

export class OpenFile {
  content: FileContent = { kind: "loading" };
  private etag: string | undefined;
  /** The text that the buffer is based on: tells a changed file from one that was only touched. */
  private base = "";
  /** What a person chose in place of what the bytes seem to be. */
  private encoding: Encoding | undefined;
  /** Whether writing the text as it was read would give the same bytes. */
  private exact = true;
  private conventions: Conventions = {};
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
    if (!this.document || !maySave(this.document)) return !this.dirty;
    if (this.content.kind === "text") this.content.buffer.tidy(this.conventions);
    const { document } = this;
    if (!maySave(document)) return !this.dirty;
    return this.write(savePrecondition(document));
  }

  /** Saves the text in another encoding, even where nothing was edited. */
  async saveAs(format: TextFormat): Promise<boolean> {
    const { content } = this;
    if (content.kind !== "text" || content.document.disk.kind === "changed") return false;
    this.encoding = format.encoding;
    // What is written from here on is what a person has asked for.
    this.exact = true;
    this.show({ ...content, format });
    return this.write(savePrecondition(content.document));
  }

  /** Reads the file again as text of that encoding. Edits would be lost: not while there are any. */
  async reopenAs(encoding: Encoding): Promise<void> {
    if (this.dirty) return;
    this.encoding = encoding;
    const read = await this.readAgain(false);
    if (read?.kind === "whole") await this.refill(read);
  }

  /** The focus has left the text. */
  blurred(): void {
    const mode = this.environment.autosave();
    if (mode === "focus" && this.document && mayAutosave(this.document)) void this.save();
  }

  /** The project says something else of its files. */
  async conventionsChanged(): Promise<void> {
    this.conventions = await this.environment.conventions(this.path);
    if (this.content.kind === "text") this.content.buffer.follow(this.conventions);
  }

  /** What disk and editor have in common, for those who merge; undefined where it is not text. */
  async threeTexts(): Promise<{ mine: string; base: string; theirs: string } | undefined> {
    const theirs = await this.theirs();
    if (theirs === undefined || this.content.kind !== "text") return undefined;
    return { mine: this.content.buffer.text(), base: this.base, theirs };
  }

  /** A person has merged `theirs`, the text on disk, into `text`. */
  adoptMerge(text: string, theirs: string): void {
    if (this.content.kind !== "text" || this.document?.disk.kind !== "changed") return;
    const { etag } = this.document.disk;
    this.rebase(text, theirs, etag);
    this.apply({ type: "noticed" });
  }

  /** The notice of a merge has been read. */
  noticed(): void {
    this.apply({ type: "noticed" });
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
    const decoded = this.decoded(read.bytes);
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

  private async readAgain(unlessKnown = true): Promise<FileRead | undefined> {
    try {
      const known = unlessKnown ? (this.document?.etag ?? this.etag) : undefined;
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
    if (read.kind === "large") {
      // It has outgrown the editor: shown in windows, unless there is something to lose.
      if (this.dirty) return this.apply({ type: "diskChanged", etag: read.etag });
      this.content.buffer.dispose();
      return this.fill(read);
    }
    const { etag } = read;
    const decoded = this.decoded(read.bytes);
    if (decoded.kind !== "text") {
      if (this.dirty) return this.apply({ type: "diskChanged", etag });
      return this.refill(read);
    }
    if (decoded.text === this.content.buffer.text()) {
      this.base = decoded.text;
      return this.apply({ type: "diskMatches", etag });
    }
    if (decoded.text === this.base) {
      this.apply({ type: "diskTouched", etag });
      return this.saveSoon(AUTOSAVE_PAUSE_MS);
    }
    if (!this.dirty) return this.refill(read);
    await this.mergeTheirs(decoded.text, etag);
  }

  /** Both have changed: what does not overlap is merged, the rest is for a person. */
  private async mergeTheirs(theirs: string, etag: string | undefined): Promise<void> {
    if (this.content.kind !== "text") return;
    const { buffer } = this.content;
    const version = buffer.version();
    const merged = await this.environment.merge(buffer.text(), this.base, theirs);
    // What was typed meanwhile is not in it: the conflict is said, and looked at by a person.
    if (merged.kind !== "clean" || buffer.version() !== version || this.disposed) {
      this.apply({ type: "diskChanged", etag });
      return;
    }
    this.rebase(merged.text, theirs, etag);
    this.saveSoon(AUTOSAVE_PAUSE_MS);
  }

  /** The buffer is based on what is on disk now, and holds what both have made of it. */
  private rebase(text: string, theirs: string, etag: string | undefined): void {
    if (this.content.kind !== "text") return;
    const { buffer } = this.content;
    this.base = theirs;
    buffer.replace(text);
    const version = buffer.version();
    this.apply(
      text === theirs ? { type: "loaded", version, etag } : { type: "merged", version, etag },
    );
  }

  /** New content for a clean or given-up buffer. */
  private async refill(read: Extract<FileRead, { kind: "whole" }>): Promise<void> {
    const decoded = this.decoded(read.bytes);
    if (decoded.kind !== "text" || this.content.kind !== "text") {
      if (this.content.kind === "text") this.content.buffer.dispose();
      return this.fill(read);
    }
    const { buffer } = this.content;
    this.base = decoded.text;
    buffer.replace(decoded.text);
    this.show({ ...this.content, format: decoded.format });
    this.apply({ type: "loaded", version: buffer.version(), etag: read.etag });
    this.lossy(decoded);
  }

  private decoded(bytes: Uint8Array): TextRead {
    return readText(bytes, this.encoding, this.conventions.charset);
  }

  private async fill(read: FileRead): Promise<void> {
    if (read.kind === "absent") return this.show({ kind: "absent" });
    if (read.kind === "unchanged") return;
    const { etag } = read;
    this.etag = etag;
    const viewer = this.asText ? undefined : viewerOf(this.path);
    if (viewer) return this.show({ kind: viewer, etag });
    if (read.kind === "large") return this.show({ kind: "large", size: read.size, etag });
    const { bytes } = read;
    const type = this.asText ? undefined : imageType(this.path);
    if (type) return this.show({ kind: "image", type, bytes });
    this.conventions = await this.environment.conventions(this.path);
    if (this.disposed) return;
    const decoded = this.decoded(bytes);
    if (decoded.kind === "binary") {
      return this.show({ kind: "binary", reason: decoded.reason, size: bytes.length });
    }
    const { text, format } = decoded;
    const buffer = await this.environment.createBuffer(this.path, text, () => this.edited());
    if (this.disposed) return buffer.dispose();
    buffer.follow(this.conventions);
    this.base = text;
    this.show({ kind: "text", buffer, document: newDocument(buffer.version(), etag), format });
    this.lossy(decoded);
  }

  /** What saving would change besides the edits is said before it happens. */
  private lossy(decoded: Extract<TextRead, { kind: "text" }>): void {
    this.exact = decoded.exact;
    if (decoded.mixedEndings) this.apply({ type: "notice", notice: "mixedEndings" });
    if (!decoded.exact) this.apply({ type: "notice", notice: "inexact" });
  }

  private edited(): void {
    if (this.content.kind !== "text") return;
    this.apply({ type: "edited", version: this.content.buffer.version() });
    this.saveSoon(AUTOSAVE_PAUSE_MS);
  }

  private saveSoon(ms: number): void {
    this.cancelAutosave?.();
    const may = () =>
      this.environment.autosave() === "delay" && this.document && mayAutosave(this.document);
    if (!may()) return;
    this.cancelAutosave = this.environment.schedule(ms, () => {
      if (may()) void this.save();
    });
  }

  private async write(guard: Precondition): Promise<boolean> {
    if (this.content.kind !== "text" || this.content.document.savingVersion !== undefined)
      return false;
    this.cancelAutosave?.();
    const text = this.content.buffer.text();
    const bytes = this.exact
      ? writeText(text, this.content.format)
      : { code: "inexact", message: this.content.format.encoding };
    if ("code" in bytes) {
      this.apply({ type: "saveFailed", failure: bytes });
      return false;
    }
    this.apply({ type: "saveStarted" });
    try {
      const etag = await this.environment.files.write(this.path, bytes, guard);
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
