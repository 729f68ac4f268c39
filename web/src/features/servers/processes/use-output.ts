import { useEffect, useState } from "react";
import { agentPath } from "@/api/agent";
import { apiFetch } from "@/api/client";
import { ApiError } from "@/api/errors";
import { backoffMs } from "@/lib/backoff";
import type { Process } from "./queries";

type Stream = "stdout" | "stderr";

/** So many characters stay on the page; the oldest go. */
const KEPT_MAX = 256 * 1024;

/**
 * How often a running process is asked for more. An attached viewer would hear sooner, but the
 * process waits for it: who only looks must not slow it.
 */
const POLL_MS = 1_000;

/** A part of the output, as it came. */
interface Piece {
  stream: Stream;
  text: string;
}

export interface Output {
  pieces: readonly Piece[];
  /** So many bytes at the beginning are no longer there. */
  lost: number;
  error?: unknown;
}

/** Follows what a process prints for as long as it runs. */
export function useOutput(node: string, process: Process): Output {
  const [output, setOutput] = useState<Output>({ pieces: [], lost: 0 });
  const { id } = process;
  const ended = process.exit != null;
  useEffect(() => {
    const aborted = new AbortController();
    void follow(`${agentPath(node)}processes/${id}/output`, ended, aborted.signal, setOutput);
    return () => aborted.abort();
  }, [node, id, ended]);
  return output;
}

async function follow(
  path: string,
  ended: boolean,
  signal: AbortSignal,
  tell: (output: Output) => void,
): Promise<void> {
  const reader = new Reader(path, signal);
  let failures = 0;
  while (!signal.aborted) {
    try {
      const more = await reader.read();
      if (signal.aborted) return;
      if (more || failures > 0) tell(reader.output);
      failures = 0;
      if (ended && !more) return;
      if (!more) await pause(POLL_MS);
    } catch (error) {
      if (signal.aborted) return;
      tell({ ...reader.output, error });
      // The line to the server may be down, and the output waits there; a refusal stays one.
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) return;
      await pause(backoffMs(failures));
      failures += 1;
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Reads both streams, each from where it was read to. */
class Reader {
  private readonly streams = (["stdout", "stderr"] as const).map((stream) => ({
    stream,
    offset: 0,
    decoder: new TextDecoder(),
  }));
  output: Output = { pieces: [], lost: 0 };

  constructor(
    private readonly path: string,
    private readonly signal: AbortSignal,
  ) {}

  /** Whether there was more. */
  async read(): Promise<boolean> {
    let { pieces, lost } = this.output;
    let more = false;
    for (const of of this.streams) {
      const url = new URL(
        `${this.path}?stream=${of.stream}&offset=${of.offset}`,
        globalThis.location.href,
      );
      const answer = await apiFetch(new Request(url, { signal: this.signal }));
      const from = Number(answer.headers.get("atelier-offset") ?? of.offset);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (bytes.length === 0 && from === of.offset) continue;
      more = true;
      lost += from - of.offset;
      of.offset = from + bytes.length;
      pieces = [...pieces, { stream: of.stream, text: of.decoder.decode(bytes, { stream: true }) }];
    }
    this.output = { pieces: newest(pieces), lost };
    return more;
  }
}

/** The last pieces, as many as the page keeps. */
function newest(pieces: readonly Piece[]): readonly Piece[] {
  let room = KEPT_MAX;
  let first = pieces.length;
  while (first > 0 && room > 0) {
    first -= 1;
    room -= pieces[first]?.text.length ?? 0;
  }
  const [cut, ...rest] = pieces.slice(first);
  return cut && room < 0 ? [{ ...cut, text: cut.text.slice(-room) }, ...rest] : pieces.slice(first);
}
