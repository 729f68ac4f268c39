/**
 * The state of one open text: what was edited, what is saved, what happened on disk meanwhile.
 * Pure: events in, state out; `OpenFile` does what the state asks for.
 *
 * Invariant: a version on disk that the person has not seen is never overwritten. Every save names
 * the ETag that the buffer is based on; only "Overwrite" names the one that the banner shows.
 */

/** Why something failed, for people and for the decision whether to try again. */
export interface Failure {
  /** The server's code, `network` when no answer came, or `encoding`: see below. */
  code: string;
  message: string;
  /** Which character the encoding, named by the message, does not have, and in which line. */
  character?: string;
  line?: number;
}

/** What is known of the file on disk, compared with what the buffer is based on. */
type Disk = { kind: "same" } | { kind: "changed"; etag: string | undefined } | { kind: "deleted" };

export interface DocumentState {
  /** The ETag of the content that the buffer was loaded from or saved as. */
  etag: string | undefined;
  /** The buffer's version; equal versions have equal text. */
  version: number;
  /** The version that stands on disk under `etag`. */
  savedVersion: number;
  /** The version that is being written. */
  savingVersion: number | undefined;
  disk: Disk;
  failure: Failure | undefined;
  /** Something to be said that needs no decision. */
  notice: Notice | undefined;
}

type Notice =
  /** What changed on disk was merged into the text. */
  | "merged"
  /** Lines end in different ways; saving makes them alike. */
  | "mixedEndings"
  /** The encoding would not give the same bytes again; so nothing is saved in it. */
  | "inexact";

/** The saved version of a buffer that no version on disk is like: Monaco counts from 1. */
const NO_VERSION = 0;

export type DocumentEvent =
  /** The buffer was filled from disk. */
  | { type: "loaded"; version: number; etag: string | undefined }
  | { type: "edited"; version: number }
  | { type: "saveStarted" }
  | { type: "saved"; etag: string | undefined }
  /** The file is no longer the one that the buffer is based on (412); look at it. */
  | { type: "saveRefused" }
  | { type: "saveFailed"; failure: Failure }
  /** The disk holds other text than the buffer's base and the buffer. */
  | { type: "diskChanged"; etag: string | undefined }
  /** The disk holds the base's text under another ETag (touched, moved). */
  | { type: "diskTouched"; etag: string | undefined }
  /** The disk holds the very text of the buffer (saved by someone else, or our answer was lost). */
  | { type: "diskMatches"; etag: string | undefined }
  | { type: "diskGone" }
  /** The buffer holds the disk's text and the edits, and is based on the disk's. */
  | { type: "merged"; version: number; etag: string | undefined }
  | { type: "notice"; notice: Notice }
  | { type: "noticed" };

/** A document just loaded. */
export function newDocument(version: number, etag: string | undefined): DocumentState {
  return {
    etag,
    version,
    savedVersion: version,
    savingVersion: undefined,
    disk: { kind: "same" },
    failure: undefined,
    notice: undefined,
  };
}

/** The state after an event. */
export function reduceDocument(state: DocumentState, event: DocumentEvent): DocumentState {
  switch (event.type) {
    case "loaded":
      return newDocument(event.version, event.etag);
    case "edited":
      return event.version === state.version ? state : { ...state, version: event.version };
    case "saveStarted":
      return { ...state, savingVersion: state.version };
    case "saved":
      return {
        ...state,
        etag: event.etag,
        savedVersion: state.savingVersion ?? state.version,
        savingVersion: undefined,
        disk: { kind: "same" },
        failure: undefined,
        notice: state.notice === "merged" ? "merged" : undefined,
      };
    case "saveRefused":
      return { ...state, savingVersion: undefined, failure: undefined };
    case "saveFailed":
      return { ...state, savingVersion: undefined, failure: event.failure };
    case "diskChanged":
      return { ...state, disk: { kind: "changed", etag: event.etag }, failure: undefined };
    case "diskTouched":
      return { ...state, etag: event.etag, disk: { kind: "same" } };
    case "diskMatches":
      return {
        ...state,
        etag: event.etag,
        savedVersion: state.version,
        disk: { kind: "same" },
        failure: undefined,
      };
    case "diskGone":
      return { ...state, disk: { kind: "deleted" } };
    case "merged":
      return {
        ...newDocument(event.version, event.etag),
        savedVersion: NO_VERSION,
        notice: "merged",
      };
    case "notice":
      return { ...state, notice: event.notice };
    case "noticed":
      return { ...state, notice: undefined };
  }
}

/** The buffer holds something that is not on disk. */
export function isDirty(state: DocumentState): boolean {
  return state.version !== state.savedVersion;
}

/** A person must decide: the buffer and the disk have both changed. */
export function inConflict(state: DocumentState): boolean {
  return isDirty(state) && state.disk.kind === "changed";
}

/** Whether a save can start: a clean buffer has nothing to save, a conflict needs a decision. */
export function maySave(state: DocumentState): boolean {
  if (state.savingVersion !== undefined || state.disk.kind === "changed") return false;
  return isDirty(state) || state.disk.kind === "deleted";
}

/** Whether saving may happen by itself: never against a deletion, which a person should notice. */
export function mayAutosave(state: DocumentState): boolean {
  return maySave(state) && isDirty(state) && state.disk.kind === "same";
}

/** The header that guards a write. */
export type Precondition = { "If-Match": string } | { "If-None-Match": "*" };

/** Write only over what the buffer is based on; a deleted file is made anew. */
export function savePrecondition(state: DocumentState): Precondition {
  if (state.disk.kind === "deleted" || state.etag === undefined) return { "If-None-Match": "*" };
  return { "If-Match": state.etag };
}

/** Write over the version that the person was shown, and over no later one. */
export function overwritePrecondition(state: DocumentState): Precondition {
  if (state.disk.kind === "changed") return { "If-Match": state.disk.etag ?? "*" };
  return savePrecondition(state);
}

/** Failures that pass by themselves: the save is tried again. */
const PASSING: ReadonlySet<string> = new Set([
  "network",
  "gateway",
  "unavailable",
  "node_offline",
  "workspace_not_running",
  "timeout",
  "out_of_space",
  "rate_limited",
]);

/** Whether trying the save again can help without a person. */
export function mayRetry(failure: Failure): boolean {
  return PASSING.has(failure.code);
}
