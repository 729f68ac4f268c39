/** How lines end. Pure. */

export type LineEnding = "lf" | "crlf";

/** What the lines of a text end with; a lone CR counts as an ending of its own. */
export interface LineEndings {
  /** The ending of most lines, and so of all when the text is saved; LF where there is none. */
  main: LineEnding;
  /** Not all lines end alike. */
  mixed: boolean;
}

export function lineEndingsOf(text: string): LineEndings {
  let crlf = 0;
  let lf = 0;
  let cr = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
    if (at > 0 && text.charCodeAt(at - 1) === 13) crlf += 1;
    else lf += 1;
  }
  for (let at = text.indexOf("\r"); at >= 0; at = text.indexOf("\r", at + 1)) {
    if (text.charCodeAt(at + 1) !== 10) cr += 1;
  }
  const kinds = [crlf, lf, cr].filter((count) => count > 0).length;
  // A lone CR is always changed by saving: editors end no line with it.
  return { main: crlf > lf + cr ? "crlf" : "lf", mixed: kinds > 1 || cr > 0 };
}

export const ENDING_TEXT: Record<LineEnding, string> = { lf: "\n", crlf: "\r\n" };
