/** What somebody types to open a file: a part of its path, and perhaps `:line` or `:line:column`. */
export interface Wanted {
  query: string;
  line?: number;
  column?: number;
}

/** Reads it; a colon without a number behind it belongs to nothing yet. */
export function wantedOf(text: string): Wanted {
  const [, query = "", line, column] = /^(.*?)(?::(\d*)(?::(\d*))?)?$/s.exec(text) ?? [];
  return {
    query: query.trim(),
    ...(line ? { line: Math.max(1, Number(line)) } : {}),
    ...(line && column ? { column: Math.max(1, Number(column)) } : {}),
  };
}
