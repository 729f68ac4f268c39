/** What takes long: its answer, line by line as it comes. */
import { agentPath } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { ApiError, errorOfFetch } from "@/api/errors";
import { JsonLines } from "@/lib/json-lines";
import type { GitEvent } from "./types";

export type LongOperation = "fetch" | "pull" | "push" | "rebase" | "proceed" | "submodules/update";

const LAST = new Set(["done", "failed", "credentials_required"]);

/** Runs it, tells what happens, and resolves with the last event. Aborting the signal ends it. */
export async function runLong(
  workspace: string,
  operation: LongOperation,
  body: object,
  signal: AbortSignal,
  tell: (event: GitEvent) => void,
): Promise<GitEvent> {
  const response = await apiFetch(`${agentPath(workspace)}git/${operation}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const reader = response.body?.getReader();
  const lines = new JsonLines<GitEvent>();
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
