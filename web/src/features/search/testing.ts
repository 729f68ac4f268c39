import type { FoundFile, SearchEvent, SearchSummary } from "./types";

/** A found file: each line with the places of one-letter matches. */
export function fileOf(path: string, ...lines: [string, number[]][]): FoundFile {
  return {
    path,
    etag: `"${path}"`,
    truncated: false,
    lines: lines.map(([text, starts], index) => ({
      number: index + 1,
      offset: 0,
      text,
      cut: false,
      matches: starts.map((start) => ({ start, end: start + 1 })),
    })),
  };
}

export const SUMMARY: SearchSummary = {
  files: 10,
  files_found: 2,
  matches: 4,
  binary: 0,
  too_long: 0,
  unreadable: 0,
  unreadable_paths: [],
  duration_ms: 3,
};

export function fileEvent(file: FoundFile): SearchEvent {
  return { type: "file", ...file };
}

export const DONE: SearchEvent = { type: "done", ...SUMMARY };
