/** Places in texts: the language server's (from 0) and Monaco's (from 1). */
import type { IRange, Position as MonacoPosition } from "monaco-editor";
import type { Position, Range } from "vscode-languageserver-protocol";

export function toPosition({
  lineNumber,
  column,
}: Pick<MonacoPosition, "lineNumber" | "column">): Position {
  return { line: lineNumber - 1, character: column - 1 };
}

export function toRange(range: IRange): Range {
  return {
    start: { line: range.startLineNumber - 1, character: range.startColumn - 1 },
    end: { line: range.endLineNumber - 1, character: range.endColumn - 1 },
  };
}

export function fromRange({ start, end }: Range): IRange {
  return {
    startLineNumber: start.line + 1,
    startColumn: start.character + 1,
    endLineNumber: end.line + 1,
    endColumn: end.character + 1,
  };
}

/** A path of the files API as a `file:` URI below the workspace's own. */
export function uriOf(workspaceUri: string, path: string): string {
  return workspaceUri + path.split("/").map(encodeURIComponent).join("/");
}

/** The path that a URI names below the workspace; undefined where it is elsewhere. */
export function pathOfUri(workspaceUri: string, uri: string): string | undefined {
  const base = decoded(workspaceUri);
  const full = decoded(uri);
  return full.startsWith(base) ? full.slice(base.length) : undefined;
}

/** The path of a `file:` URI on the workspace's machine, without the slash in front. */
export function systemPathOf(uri: string): string {
  return decoded(uri).replace(/^file:\/*/, "");
}

/** Servers escape more or less than we do; what they mean is the same. */
function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
