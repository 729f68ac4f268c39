/** The requests of an upload (`atelier_api::agent::uploads`). */
import { agentPath, contentUrl } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";
import { commonFolder } from "./batch";

type FileUpload = components["schemas"]["FileUpload"];

/** What must stand at the path for the file to be written. */
export type Condition = { "If-None-Match": "*" } | { "If-Match": string };

/** Nothing may stand there. */
export const NEW: Condition = { "If-None-Match": "*" };

const BYTES = { "content-type": "application/octet-stream" };

function uploadUrl(host: string, id: string, rest = ""): string {
  return `${agentPath(host)}files/uploads/${id}${rest}`;
}

function pathBelow(path: string, folder: string): string {
  return folder === "" ? path : path.slice(folder.length + 1);
}

function query(path: string): string {
  return `?${new URLSearchParams({ path })}`;
}

/** Sends a small file whole. */
export async function putFile(
  host: string,
  path: string,
  file: Blob,
  condition: Condition,
  signal: AbortSignal,
): Promise<void> {
  await apiFetch(contentUrl(host, path), {
    method: "PUT",
    headers: { ...condition, ...BYTES },
    body: file,
    signal,
  });
}

/** Sends small new files in one request; why each was not written, in their order, where it was not. */
export async function putTogether(
  host: string,
  files: readonly { path: string; file: Blob }[],
  signal: AbortSignal,
): Promise<(ApiError | undefined)[]> {
  const folder = commonFolder(files);
  const body = new FormData();
  for (const { path, file } of files) body.append(pathBelow(path, folder), file);
  const wanted = new URLSearchParams({ path: folder, files: String(files.length) });
  const response = await apiFetch(`${agentPath(host)}files/batch?${wanted}`, {
    method: "POST",
    headers: NEW,
    body,
    signal,
  });
  const { items } = (await response.json()) as components["schemas"]["EntryOutcomes"];
  return items.map(({ problem }) => (problem ? new ApiError(problem) : undefined));
}

/** Begins an upload in parts. */
export async function beginUpload(
  host: string,
  path: string,
  length: number,
  condition: Condition,
  signal: AbortSignal,
): Promise<string> {
  const response = await apiFetch(`${agentPath(host)}files/uploads${query(path)}`, {
    method: "POST",
    headers: { ...condition, "Upload-Length": String(length) },
    signal,
  });
  return ((await response.json()) as FileUpload).id;
}

/** How much of it has come. */
export async function uploadOffset(host: string, id: string, signal: AbortSignal): Promise<number> {
  const response = await apiFetch(uploadUrl(host, id), { signal });
  const { offset, finished, length } = (await response.json()) as FileUpload;
  return finished ? (length ?? offset) : offset;
}

/** Adds a part. */
export async function sendPart(
  host: string,
  id: string,
  offset: number,
  part: Blob,
  signal: AbortSignal,
): Promise<void> {
  await apiFetch(uploadUrl(host, id), {
    method: "PATCH",
    headers: { "content-type": "application/partial-upload", "Upload-Offset": String(offset) },
    body: part,
    signal,
  });
}

/** Gives the file its name; may be repeated. */
export async function finishUpload(
  host: string,
  id: string,
  path: string,
  condition: Condition,
  signal: AbortSignal,
): Promise<void> {
  await apiFetch(uploadUrl(host, id, `/finish${query(path)}`), {
    method: "POST",
    headers: condition,
    signal,
  });
}

/** Gives it up. What is left of it otherwise goes by itself after a day. */
export async function cancelUpload(host: string, id: string): Promise<void> {
  await apiFetch(uploadUrl(host, id), { method: "DELETE" }).catch(() => undefined);
}

/** Makes a folder and those above it; it may be there already. */
export async function makeFolder(host: string, path: string, signal: AbortSignal): Promise<void> {
  await apiFetch(`${agentPath(host)}files/directory`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ path, parents: true }),
    signal,
  });
}

/** The sizes of the files in a folder, by path; none where it is gone. */
export async function sizesIn(host: string, folder: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  let cursor: string | undefined;
  do {
    const page = new URLSearchParams(
      cursor === undefined ? { path: folder } : { path: folder, cursor },
    );
    const response = await apiFetch(`${agentPath(host)}files/list?${page}`).catch(() => undefined);
    if (!response) return sizes;
    const list = (await response.json()) as components["schemas"]["FileList"];
    for (const { path, size, kind } of list.items) if (kind === "file") sizes.set(path, size);
    cursor = list.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return sizes;
}
