/** What was found, as rows to be shown and as choices to be replaced. */
import type { FileReplace, FoundFile, FoundLine, FoundMatch } from "./types";

export interface FileRow {
  kind: "file";
  key: string;
  file: FoundFile;
  matches: number;
  open: boolean;
}

export interface MatchRow {
  kind: "match";
  key: string;
  file: FoundFile;
  line: FoundLine;
  match: FoundMatch;
  /** Counted from 0 in its file, as the server counts. */
  index: number;
  last: boolean;
}

export type ResultRow = FileRow | MatchRow;

/** Which matches of a file a person does not want replaced. */
export type Dismissed = ReadonlyMap<string, ReadonlySet<number> | "all">;

/** Adds files in the order of their paths, which is how people look for them. */
export function withFiles(files: readonly FoundFile[], more: readonly FoundFile[]): FoundFile[] {
  if (more.length === 0) return [...files];
  return [...files, ...more].sort((one, other) => comparePaths(one.path, other.path));
}

/** Folder by folder: what a folder holds stands together. */
function comparePaths(one: string, other: string): number {
  const [a, b] = [one.replaceAll("/", "\0"), other.replaceAll("/", "\0")];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A file's matches, in order, without those that were dismissed. */
function matchesOf(file: FoundFile, dismissed: Dismissed): Omit<MatchRow, "last">[] {
  const gone = dismissed.get(file.path);
  if (gone === "all") return [];
  const rows: Omit<MatchRow, "last">[] = [];
  let index = 0;
  for (const line of file.lines) {
    for (const match of line.matches ?? []) {
      const at = index++;
      if (gone?.has(at)) continue;
      rows.push({ kind: "match", key: `${file.path}\n${at}`, file, line, match, index: at });
    }
  }
  return rows;
}

/** All rows: each file, and below it its matches unless it is collapsed. */
export function rowsOf(
  files: readonly FoundFile[],
  collapsed: ReadonlySet<string>,
  dismissed: Dismissed,
): ResultRow[] {
  return files.flatMap((file): ResultRow[] => {
    const matches = matchesOf(file, dismissed);
    if (matches.length === 0) return [];
    const open = !collapsed.has(file.path);
    const head: FileRow = {
      kind: "file",
      key: file.path,
      file,
      matches: matches.length,
      open,
    };
    if (!open) return [head];
    return [
      head,
      ...matches.map((row, position) => ({ ...row, last: position === matches.length - 1 })),
    ];
  });
}

/** How many files and matches are left. */
export function countOf(files: readonly FoundFile[], dismissed: Dismissed) {
  const counts = files.map((file) => matchesOf(file, dismissed).length);
  return {
    files: counts.filter((count) => count > 0).length,
    matches: counts.reduce((sum, count) => sum + count, 0),
  };
}

/** What is asked of the server to replace all that is left of these files. */
export function choicesOf(files: readonly FoundFile[], dismissed: Dismissed): FileReplace[] {
  return files.flatMap((file) => {
    const { path, etag } = file;
    const indexes = matchesOf(file, dismissed).map(({ index }) => index);
    if (indexes.length === 0) return [];
    // Always by number: what was not shown is not replaced.
    return [{ path, etag, matches: indexes }];
  });
}

/** A match where it stands in the line's text: what is before it, itself, and what is after. */
export function cutLine(line: FoundLine, match: FoundMatch) {
  const start = match.start - (line.offset ?? 0);
  const end = Math.min(match.end - (line.offset ?? 0), line.text.length);
  const before = line.text.slice(0, start).trimStart();
  return {
    // Of a long beginning, what is next to the match.
    before: before.length > BEFORE_MAX ? `…${before.slice(-BEFORE_MAX)}` : before,
    found: line.text.slice(start, end),
    after: line.text.slice(end, end + AFTER_MAX),
  };
}

/** How much of a line is shown beside a match, in UTF-16 code units. */
const BEFORE_MAX = 26;
const AFTER_MAX = 200;

/** Where the editor is to show a match: lines and columns from 1. */
export function placeOf({ line, match }: Pick<MatchRow, "line" | "match">) {
  return {
    line: line.number,
    column: match.start + 1,
    endLine: line.number,
    endColumn: match.end + 1,
  };
}
