/** Files in a terminal's text that open in the editor; underlined only where they exist. */
import type { ILink, ILinkProvider, Terminal } from "@xterm/xterm";
import { type FileCandidate, fileCandidates } from "./links";

/** A file, and the place in it. */
export interface FilePlace {
  path: string;
  line: number | undefined;
  column: number | undefined;
}

export interface FileLinksOptions {
  /** The path below the root of a candidate in that line of the buffer, if it exists. */
  resolve: (path: string, line: number) => Promise<string | undefined>;
  open: (place: FilePlace) => void;
  hover: (text: string | undefined) => void;
}

/** Asked about a line when the pointer comes over it. */
export function fileLinkProvider(xterm: Terminal, options: FileLinksOptions): ILinkProvider {
  return {
    provideLinks(row, callback) {
      const line = xterm.buffer.active.getLine(row - 1);
      const text = line?.translateToString(true) ?? "";
      // Cells and characters part ways where characters are wide: such lines have no links.
      const candidates = isPlain(text) ? fileCandidates(text) : [];
      if (candidates.length === 0) {
        callback(undefined);
        return;
      }
      void Promise.all(
        candidates.map(async (candidate) => {
          const path = await options.resolve(candidate.path, row - 1);
          return path === undefined ? undefined : link(row, candidate, path, options);
        }),
      ).then((links) => callback(links.filter((each) => each !== undefined)));
    },
  };
}

function isPlain(text: string): boolean {
  return /^[\u0020-\u024f]*$/.test(text);
}

function link(
  row: number,
  candidate: FileCandidate,
  path: string,
  options: FileLinksOptions,
): ILink {
  const { line, column, start, end } = candidate;
  return {
    range: { start: { x: start + 1, y: row }, end: { x: end, y: row } },
    text: candidate.path,
    activate: (event) => {
      if (event.ctrlKey || event.metaKey) options.open({ path, line, column });
    },
    hover: () => options.hover(path),
    leave: () => options.hover(undefined),
  };
}
