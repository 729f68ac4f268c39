/** How the editor reads and writes files: requests whose bodies are bytes. */
import { contentUrl } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";
import { TEXT_BYTES_MAX } from "./content";
import type { Failure, Precondition } from "./document";

type FileEntry = components["schemas"]["FileEntry"];

/** What reading a file gives: all of it, or only its size when it is too large for the editor. */
export type FileRead =
  | { kind: "whole"; bytes: Uint8Array<ArrayBuffer>; etag: string | undefined }
  | { kind: "large"; size: number; etag: string | undefined }
  /** It is still the version that the caller named. */
  | { kind: "unchanged" }
  | { kind: "absent" };

/** The file operations that the editor needs, of one workspace. Failures are `ApiError`s. */
export interface EditorFiles {
  /** Reads all of it, unless it still has the ETag `known`. */
  read(path: string, known?: string): Promise<FileRead>;
  /** The bytes from `start`, at most up to `end`, of the file as it is now. */
  readRange(path: string, start: number, end: number, signal?: AbortSignal): Promise<RangeRead>;
  /** Writes the whole file; the new ETag. */
  write(
    path: string,
    bytes: Uint8Array<ArrayBuffer>,
    guard: Precondition,
  ): Promise<string | undefined>;
}

/** A part of a file. */
export interface RangeRead {
  bytes: Uint8Array<ArrayBuffer>;
  /** Of the whole file, in bytes. */
  size: number;
  etag: string | undefined;
}

/** The files of `workspace`, or of a server's machine, over HTTP. */
export function httpFiles(workspace: string): EditorFiles {
  return {
    async read(path, known) {
      let response: Response;
      try {
        response = await apiFetch(contentUrl(workspace, path), {
          cache: "no-store",
          headers: known === undefined ? {} : { "If-None-Match": known },
        });
      } catch (error) {
        if (error instanceof ApiError && error.code === "not_found") return { kind: "absent" };
        throw error;
      }
      if (response.status === 304) return { kind: "unchanged" };
      const size = Number(response.headers.get("content-length") ?? 0);
      if (size > TEXT_BYTES_MAX) {
        await response.body?.cancel();
        return { kind: "large", size, etag: response.headers.get("etag") ?? undefined };
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { kind: "whole", bytes, etag: response.headers.get("etag") ?? undefined };
    },
    async readRange(path, start, end, signal) {
      const request = {
        headers: { Range: `bytes=${start}-${end - 1}` },
        cache: "no-store",
      } as const;
      let response: Response;
      try {
        response = await apiFetch(
          contentUrl(workspace, path),
          signal ? { ...request, signal } : request,
        );
      } catch (error) {
        // The file ends before the range.
        if (error instanceof ApiError && error.status === 416) {
          return { bytes: new Uint8Array(), size: start, etag: undefined };
        }
        throw error;
      }
      const bytes = new Uint8Array(await response.arrayBuffer());
      const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
      const etag = response.headers.get("etag") ?? undefined;
      return { bytes, size: Number(total ?? bytes.length), etag };
    },
    async write(path, bytes, guard) {
      const response = await apiFetch(contentUrl(workspace, path), {
        method: "PUT",
        headers: { ...guard, "content-type": "application/octet-stream" },
        body: bytes,
      });
      const entry = (await response.json()) as FileEntry;
      return entry.etag ?? response.headers.get("etag") ?? undefined;
    },
  };
}

/** What a person is told of a failed request. */
export function failureOf(error: unknown): Failure {
  if (error instanceof ApiError) return { code: error.code, message: error.detail };
  return { code: "unknown", message: error instanceof Error ? error.message : String(error) };
}
