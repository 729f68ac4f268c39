/** What takes long: its answer, line by line as it comes. */
import { JsonLines } from "@/lib/json-lines";
import { agentPath } from "./agent";
import { apiFetch } from "./client";
import { ApiError, errorOfFetch } from "./errors";
import type { CloneEvent, GitEvent } from "./types";

export type LongOperation = "fetch" | "pull" | "push" | "rebase" | "proceed" | "submodules/update";

const LAST = new Set(["done", "failed", "credentials_required"]);

/** Runs it, tells what happens, and resolves with the last event. Aborting the signal ends it. */
export function runLong(
  workspace: string,
  operation: LongOperation,
  body: object,
  signal: AbortSignal,
  tell: (event: GitEvent) => void,
): Promise<GitEvent> {
  return follow<GitEvent>(`${agentPath(workspace)}git/${operation}`, body, signal, tell);
}

/** Clones into a workspace, tells how far it is, and resolves with the last event. */
export function runClone(
  workspace: string,
  body: object,
  tell: (event: Extract<CloneEvent, { type: "progress" }>) => void,
): Promise<CloneEvent> {
  const path = `${agentPath(workspace)}git/clone`;
  return follow<CloneEvent>(path, body, new AbortController().signal, (event) => {
    if (event.type === "progress") tell(event);
  });
}

async function follow<E extends { type: string }>(
  path: string,
  body: object,
  signal: AbortSignal,
  tell: (event: E) => void,
): Promise<E> {
  const response = await apiFetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const reader = response.body?.getReader();
  const lines = new JsonLines<E>();
  for (;;) {
    const chunk = await reader?.read().catch((cause: unknown) => {
      throw errorOfFetch(cause);
    });
    if (!chunk?.value) break;
    for (const event of lines.push(chunk.value)) {
      if (LAST.has(event.type)) return event;
      tell(event);
    }
  }
  throw new ApiError({ status: 0, code: "network", detail: "The operation broke off" });
}
