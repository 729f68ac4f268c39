/** What in a terminal's text leads somewhere: addresses, and files with lines. */

/** Whether an address may be opened. Programs print what they like, and links of theirs too. */
export function safeUrl(text: string): string | undefined {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return undefined;
  }
  return ["http:", "https:", "mailto:"].includes(url.protocol) ? url.href : undefined;
}

/** Leaves the page, which keeps nothing of it and is kept nothing of. */
export function openUrl(text: string): void {
  const url = safeUrl(text);
  if (url !== undefined) window.open(url, "_blank", "noopener,noreferrer");
}

/** A piece of a line that may name a file. */
export interface FileCandidate {
  /** As it is written. */
  path: string;
  line: number | undefined;
  column: number | undefined;
  /** Where it stands in the text. */
  start: number;
  end: number;
}

/** More than a line of output has that is worth asking about. */
const CANDIDATES_MAX = 8;

const CANDIDATE =
  /(?:"([^"\n]{1,300})", line (\d{1,7}))|((?:~\/|\.{0,2}\/)?[\w.@+-][\w.@+/-]*|\/[\w.@+/-]+)(?:[:(](\d{1,7})(?:[:,](\d{1,7}))?\)?)?/g;

/** What in a line may name a file: a path, with a line and column as compilers write them. */
export function fileCandidates(text: string): FileCandidate[] {
  const found: FileCandidate[] = [];
  for (const match of text.matchAll(CANDIDATE)) {
    const path = (match[1] ?? match[3] ?? "").replace(/[.:]+$/, "");
    const line = match[2] ?? match[4];
    // A bare word is no path unless a line or a dot or slash makes it look like one.
    if (path === "" || (line === undefined && !/[./]/.test(path))) continue;
    // Numbers and times, and what is left of an address, are none either.
    if (/^[\d.:]+$/.test(path) || path.startsWith("//")) continue;
    const whole = line === undefined ? path : match[0];
    found.push({
      path,
      line: line === undefined ? undefined : Number(line),
      column: match[5] === undefined ? undefined : Number(match[5]),
      start: match.index,
      end: match.index + whole.length,
    });
    if (found.length >= CANDIDATES_MAX) break;
  }
  return found;
}

/** The path below the workspace's root of a file that was named in `directory`; absent outside of it. */
export function pathInRoot(path: string, directory: string, root: string): string | undefined {
  if (path.startsWith("~")) return undefined;
  const absolute = path.startsWith("/") ? path : `${directory}/${path}`;
  const parts: string[] = [];
  for (const part of absolute.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const normal = `/${parts.join("/")}`;
  const prefix = root === "/" ? "/" : `${root}/`;
  return normal.startsWith(prefix) ? normal.slice(prefix.length) : undefined;
}
