import { useEffect, useState } from "react";
import { apiFetch } from "@/api/client";
import { ApiError } from "@/api/errors";
import type { NodeRun } from "@/api/types";
import { backoffMs } from "@/lib/backoff";

/** How long one request waits for more. */
const WAIT_MS = 15_000;

/** So many characters stay on the page; the oldest go. */
const KEPT_MAX = 512 * 1024;

/** What a run has printed so far. */
export interface Output {
  text: string;
  /** So many bytes at the beginning are no longer there. */
  lost: number;
  state: "reading" | "complete" | "failed";
  error?: unknown;
}

const NOTHING: Output = { text: "", lost: 0, state: "reading" };

/** Follows what a run prints while it runs; reads what was kept when it has ended. */
export function useOutput(run: NodeRun, shown: boolean): Output {
  const [output, setOutput] = useState<Output>(NOTHING);
  const { id, attempt } = run;
  const phase = run.state === "running" ? "running" : run.finished_at ? "ended" : "waiting";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt prints anew.
  useEffect(() => {
    if (!shown || phase === "waiting") return;
    const aborted = new AbortController();
    void follow(id, phase === "running", aborted.signal, setOutput);
    return () => aborted.abort();
  }, [id, attempt, phase, shown]);
  return output;
}

async function follow(
  run: string,
  running: boolean,
  signal: AbortSignal,
  tell: (output: Output) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  let output = NOTHING;
  let offset = 0;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const query = `offset=${offset}&wait_ms=${running ? WAIT_MS : 0}`;
      const url = new URL(`/api/v1/node-runs/${run}/output?${query}`, globalThis.location.href);
      const answer = await apiFetch(url.href, { signal });
      const from = Number(answer.headers.get("atelier-offset") ?? offset);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      failures = 0;
      const all = output.text + decoder.decode(bytes, { stream: running });
      const cut = Math.max(0, all.length - KEPT_MAX);
      output = {
        text: all.slice(cut),
        lost: output.lost + Math.max(0, from - offset) + cut,
        state: running ? "reading" : "complete",
      };
      offset = from + bytes.length;
      tell(output);
      if (!running) return;
    } catch (error) {
      if (signal.aborted) return;
      tell({ ...output, state: "failed", error });
      // The line to the server may be down, and its output waits there; a refusal stays one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) return;
      await new Promise((resolve) => setTimeout(resolve, backoffMs(failures)));
      failures += 1;
    }
  }
}
