/** Uploading: what was chosen or dropped, sent one file after the other, with progress. */
import { create } from "zustand";
import { agentPath, contentUrl } from "@/api/agent";
import { apiFetch, CSRF_HEADER } from "@/api/client";
import { ApiError, errorOfFetch, errorOfResponse } from "@/api/errors";
import { encodeName, joinPath } from "./paths";

/** A file to upload, and where to. */
export interface UploadItem {
  path: string;
  file: File;
}

/** How an upload stands. */
export interface UploadState {
  running: boolean;
  /** Whose files are sent to: a workspace, or a server. */
  workspace: string;
  name: string;
  sentBytes: number;
  totalBytes: number;
  done: number;
  count: number;
  /** Stands there already; a person decides. */
  existing: UploadItem[];
  failures: { path: string; error: ApiError }[];
}

const IDLE: UploadState = {
  running: false,
  workspace: "",
  name: "",
  sentBytes: 0,
  totalBytes: 0,
  done: 0,
  count: 0,
  existing: [],
  failures: [],
};

/** The one upload of the page. */
export const useUpload = create<UploadState>(() => IDLE);

let abort: AbortController | undefined;

/** Stops after the part that was sent; the server keeps no half of a file. */
export function cancelUpload(): void {
  abort?.abort();
}

/** Forgets what the last upload has to say. */
export function dismissUpload(): void {
  useUpload.setState(IDLE);
}

/** Sends them; `overwrite` replaces what stands there. */
export async function upload(
  workspace: string,
  items: readonly UploadItem[],
  overwrite: boolean,
): Promise<void> {
  if (items.length === 0 || useUpload.getState().running) return;
  abort = new AbortController();
  const { signal } = abort;
  const totalBytes = items.reduce((sum, { file }) => sum + file.size, 0);
  useUpload.setState({ ...IDLE, running: true, workspace, totalBytes, count: items.length });
  let sent = 0;
  for (const item of items) {
    if (signal.aborted) break;
    useUpload.setState({ name: item.file.name });
    try {
      await put(workspace, item, overwrite, signal, (bytes) =>
        useUpload.setState({ sentBytes: sent + bytes }),
      );
      useUpload.setState(({ done }) => ({ done: done + 1 }));
    } catch (cause) {
      note(item, cause);
    }
    sent += item.file.size;
    useUpload.setState({ sentBytes: sent });
  }
  useUpload.setState(({ existing, failures }) =>
    existing.length + failures.length === 0 ? IDLE : { running: false },
  );
}

function note(item: UploadItem, cause: unknown): void {
  const error = cause instanceof ApiError ? cause : errorOfFetch(cause);
  if (error.code === "aborted") return;
  useUpload.setState(({ existing, failures }) =>
    error.status === 412 || error.status === 409
      ? { existing: [...existing, item] }
      : { failures: [...failures, { path: item.path, error }] },
  );
}

/** `fetch` tells nothing of what has been sent, so this is an XMLHttpRequest. */
function put(
  workspace: string,
  { path, file }: UploadItem,
  overwrite: boolean,
  signal: AbortSignal,
  progress: (bytes: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", contentUrl(workspace, path));
    for (const [name, value] of Object.entries(CSRF_HEADER)) request.setRequestHeader(name, value);
    request.setRequestHeader(overwrite ? "If-Match" : "If-None-Match", "*");
    request.setRequestHeader("content-type", "application/octet-stream");
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => {
      if (request.status < 400) return resolve();
      const response = new Response(request.responseText, { status: request.status });
      void errorOfResponse(response).then(reject);
    };
    request.onerror = () => reject(errorOfFetch(new TypeError("upload")));
    request.onabort = () => reject(errorOfFetch(new DOMException("", "AbortError")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

/** What a file chooser gave, below `directory`. */
export function chosenItems(directory: string, files: FileList): UploadItem[] {
  return [...files].map((file) => ({ path: joinPath(directory, encodeName(file.name)), file }));
}

/** What was dropped, folders too; folders are made as they are met. */
export async function droppedItems(
  workspace: string,
  directory: string,
  data: DataTransfer,
): Promise<UploadItem[]> {
  // The list is emptied when the event ends: take all entries first.
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const items: UploadItem[] = [];
  for (const entry of entries) await collect(workspace, directory, entry, items);
  return items;
}

async function collect(
  workspace: string,
  directory: string,
  entry: FileSystemEntry,
  items: UploadItem[],
): Promise<void> {
  const path = joinPath(directory, encodeName(entry.name));
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    items.push({ path, file });
    return;
  }
  await apiFetch(`${agentPath(workspace)}files/directory`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ path, parents: true }),
  });
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // Each call gives at most a hundred.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return;
    for (const child of batch) await collect(workspace, path, child, items);
  }
}
