/** Recordings in asciicast v2: read, and laid out in time. */

export interface CastEvent {
  /** Seconds from the beginning, idle time cut. */
  at: number;
  kind: "output" | "resize" | "marker";
  data: string;
}

export interface Cast {
  cols: number;
  rows: number;
  title: string;
  events: readonly CastEvent[];
  /** In seconds. */
  duration: number;
}

const KINDS: Readonly<Record<string, CastEvent["kind"]>> = {
  o: "output",
  r: "resize",
  m: "marker",
};

/** Sizes that a screen may have; a file may say anything. */
const SIZE_MAX = 1_000;

function size(value: unknown, fallback: number): number {
  const number = Number(value);
  return Number.isInteger(number) && number >= 1 && number <= SIZE_MAX ? number : fallback;
}

/** Reads a recording; lines that are cut or make no sense are passed over. Absent when it is none. */
export function parseCast(text: string): Cast | undefined {
  const [first, ...lines] = text.split("\n");
  const header = json(first ?? "");
  if (typeof header !== "object" || header === null) return undefined;
  const { version, width, height, title } = header as Record<string, unknown>;
  if (version !== 2) return undefined;
  const events: CastEvent[] = [];
  let last = 0;
  for (const line of lines) {
    const event = json(line);
    if (!Array.isArray(event)) continue;
    const [at, code, data] = event as unknown[];
    const kind = KINDS[String(code)];
    if (typeof at !== "number" || !Number.isFinite(at) || kind === undefined) continue;
    if (typeof data !== "string") continue;
    last = Math.max(last, at);
    events.push({ at: last, kind, data });
  }
  return {
    cols: size(width, 80),
    rows: size(height, 24),
    title: typeof title === "string" ? title : "",
    events,
    duration: last,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The same with every pause cut to at most so many seconds. */
export function withIdleLimit(cast: Cast, limit: number | undefined): Cast {
  if (limit === undefined) return cast;
  let before = 0;
  let at = 0;
  const events = cast.events.map((event) => {
    at += Math.min(event.at - before, limit);
    before = event.at;
    return { ...event, at };
  });
  return { ...cast, events, duration: at };
}

/** The size that an event of the kind `resize` says. */
export function sizeOf(data: string): { cols: number; rows: number } | undefined {
  const match = /^(\d{1,4})x(\d{1,4})$/.exec(data);
  if (!match) return undefined;
  return { cols: size(match[1], 80), rows: size(match[2], 24) };
}
