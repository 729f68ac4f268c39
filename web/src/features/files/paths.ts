/** Paths below a root, as the API writes them: `/` between parts, none in front; "" is the root. */

/** The directory that holds `path`. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The last part of `path`. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `name` in the directory `parent`. */
export function joinPath(parent: string, name: string): string {
  return parent === "" ? name : `${parent}/${name}`;
}

/** Whether `path` is `ancestor` or lies below it. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === "" || path === ancestor || path.startsWith(`${ancestor}/`);
}

/** The directories above `path`, outermost first, without the root. */
export function ancestorsOf(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}

/** Where `path` is after `from` was moved to `to`; unchanged when it was not below it. */
export function movedPath(path: string, from: string, to: string): string {
  if (path === from) return to;
  return path.startsWith(`${from}/`) ? to + path.slice(from.length) : path;
}

/**
 * A typed name as the API addresses it: a `%` is written as `%25`, because the API writes bytes
 * that are not UTF-8 as `%XX`.
 */
export function encodeName(name: string): string {
  return name.replaceAll("%", "%25");
}

/** Why a name cannot be given to a file here, before the server is asked. */
export type NameFault = "empty" | "slash" | "dots" | "control" | "long" | "taken";

/** Longest name of Linux file systems, in bytes. */
const NAME_BYTES_MAX = 255;

/** What is wrong with `name`, among entries with the names `taken`. */
export function nameFault(name: string, taken: (name: string) => boolean): NameFault | undefined {
  if (name === "") return "empty";
  if (name.includes("/")) return "slash";
  if (name === "." || name === "..") return "dots";
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(name)) return "control";
  if (new TextEncoder().encode(name).length > NAME_BYTES_MAX) return "long";
  return taken(name) ? "taken" : undefined;
}

/** Endings of which only both parts together say what a file is. */
const DOUBLE = /\.tar\.(gz|xz|bz2|zst)$/;

/** The next name after `name`, as the agent counts: `a.txt`, `a (2).txt`, `a (3).txt`. */
export function numberedName(name: string): string {
  const double = DOUBLE.exec(name)?.index ?? 0;
  const dot = double > 0 ? double : name.lastIndexOf(".");
  const cut = dot > 0 && name.length - dot <= EXTENSION_MAX ? dot : name.length;
  const [stem, extension] = [name.slice(0, cut), name.slice(cut)];
  const counted = /^(.+) \((\d+)\)$/.exec(stem);
  return counted
    ? `${counted[1]} (${Number(counted[2]) + 1})${extension}`
    : `${stem} (2)${extension}`;
}

/** What may stand behind the last dot for it to begin an extension. */
const EXTENSION_MAX = 16;
