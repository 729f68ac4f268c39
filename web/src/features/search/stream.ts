/** A search's answer, line by line as it comes. */
import { agentPath } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { ApiError, errorOfFetch } from "@/api/errors";
import { JsonLines } from "@/lib/json-lines";
import type { SearchEvent, TextSearch } from "./types";

/**
 * Searches, and hands over what is found, several at once where they come together. Resolves after
 * `done`; rejects with an {@link ApiError}, `aborted` when `signal` was.
 */
export async function searchText(
  workspace: string,
  request: TextSearch,
  signal: AbortSignal,
  found: (events: SearchEvent[]) => void,
): Promise<void> {
  const response = await apiFetch(`${agentPath(workspace)}search/text`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal,
  });
  const reader = response.body?.getReader();
  const lines = new JsonLines<SearchEvent>();
  let done = false;
  for (;;) {
    const chunk = await reader?.read().catch((cause: unknown) => {
      throw errorOfFetch(cause);
    });
    if (!chunk?.value) break;
    const events = lines.push(chunk.value);
    done ||= events.some(({ type }) => type === "done");
    found(events);
  }
  if (!done) throw new ApiError({ status: 0, code: "network", detail: "The search broke off" });
}
