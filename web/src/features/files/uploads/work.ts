/** What is to be sent, and how far all of it is. Knows no server. */
import type { ApiError } from "@/api/errors";
import type { Condition } from "./wire";

type UploadState = "waiting" | "sending" | "conflict" | "done" | "skipped" | "failed";

/** A file on its way. */
export interface Upload {
  readonly file: File;
  /** Where it goes; another name where both are kept. */
  path: string;
  readonly state: UploadState;
  /** How many of its bytes are there. */
  readonly sent: number;
  error?: ApiError;
  /** What stands there now, where that is the trouble. */
  etag?: string | undefined;
}

/** A file on its way, and how it is sent. */
export interface Work extends Upload {
  condition: Condition;
  keepsBoth: boolean;
  /** The upload in parts that was begun. */
  id?: string | undefined;
  abort?: AbortController;
  /** Together with others it was refused: by itself it shows what is wrong. */
  alone?: boolean;
}

/** How all of them stand together. */
export interface Totals {
  count: number;
  /** How many are done, were left out or have failed. */
  through: number;
  failed: number;
  bytes: number;
  sentBytes: number;
}

/** All files, counted as they change: to add all up for each of ten thousand took longer than to send it. */
export class WorkList {
  readonly all: Work[] = [];
  readonly totals: Totals = { count: 0, through: 0, failed: 0, bytes: 0, sentBytes: 0 };

  add(one: Work): void {
    this.all.push(one);
    this.totals.count += 1;
    this.totals.bytes += one.file.size;
    this.count(one, 1);
  }

  /** The only way in which these change. */
  change(one: Work, to: Partial<Pick<Work, "state" | "sent">>): void {
    this.count(one, -1);
    Object.assign(one, to);
    this.count(one, 1);
  }

  private count({ file, sent, state }: Work, by: 1 | -1): void {
    this.totals.sentBytes += by * (state === "skipped" ? file.size : sent);
    if (isThrough(state)) this.totals.through += by;
    if (state === "failed") this.totals.failed += by;
  }
}

export function isThrough(state: UploadState): boolean {
  return state === "done" || state === "skipped" || state === "failed";
}
