/**
 * EditorConfig (https://spec.editorconfig.org, version 0.17): what a project says of indentation,
 * encoding and line endings. Reading and matching; pure. No package on npm does without a file
 * system and WebAssembly, so it is here.
 */

interface Section {
  glob: string;
  pairs: ReadonlyMap<string, string>;
}

export interface EditorConfigFile {
  root: boolean;
  sections: readonly Section[];
}

/** Lengths that the specification bounds: of a section's name, a key and a value, in characters. */
const GLOB_MAX = 1024;
const KEY_MAX = 1024;
const VALUE_MAX = 4096;

/** Reads a file; lines that are none of its forms are passed over, as the specification says. */
export function parseEditorConfig(text: string): EditorConfigFile {
  let root = false;
  const sections: { glob: string; pairs: Map<string, string> }[] = [];
  for (const raw of text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const header = /^\[(.+)\]$/.exec(line);
    if (header?.[1] !== undefined) {
      sections.push({ glob: header[1], pairs: new Map() });
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 1) continue;
    const key = line.slice(0, equals).trim().toLowerCase();
    const value = line.slice(equals + 1).trim();
    if (key.length > KEY_MAX || value.length > VALUE_MAX) continue;
    const section = sections.at(-1);
    if (section) section.pairs.set(key, value);
    else if (key === "root") root = value.toLowerCase() === "true";
  }
  return { root, sections: sections.filter(({ glob }) => glob.length <= GLOB_MAX) };
}

/** Whether a section's name means the file, whose path begins at the section's folder. */
export function globMatches(glob: string, path: string): boolean {
  const anchored = glob.includes("/") ? glob.replace(/^\//, "") : `**/${glob}`;
  try {
    return alternatives(anchored).some((one) => new RegExp(`^${pattern(one)}$`, "u").test(path));
  } catch {
    return false;
  }
}

/** Braces are written out; more than this are not looked at. */
const ALTERNATIVES_MAX = 1000;

/** `{a,b}` and `{1..3}` written out; braces that hold no comma stand for themselves. */
function alternatives(glob: string): string[] {
  let done: string[] = [];
  let left = [glob];
  while (left.length > 0 && left.length + done.length < ALTERNATIVES_MAX) {
    const next: string[] = [];
    for (const one of left) {
      const brace = firstBrace(one);
      if (!brace) done = [...done, one];
      else next.push(...brace);
    }
    left = next;
  }
  return [...done, ...left.filter((one) => !firstBrace(one))];
}

/** Marks what is no brace any more; no path holds it. */
const OPEN = "\u0001";
const CLOSE = "\u0002";

function firstBrace(glob: string): string[] | undefined {
  const start = glob.search(/(?<!\\)\{/);
  if (start < 0) return undefined;
  let depth = 0;
  let end = -1;
  const commas: number[] = [];
  for (let at = start; at < glob.length; at += 1) {
    const character = glob[at];
    if (character === "\\") at += 1;
    else if (character === "{") depth += 1;
    else if (character === "," && depth === 1) commas.push(at);
    else if (character === "}") {
      depth -= 1;
      if (depth === 0) {
        end = at;
        break;
      }
    }
  }
  const before = glob.slice(0, start);
  if (end < 0) return [`${before}${OPEN}${glob.slice(start + 1)}`];
  const after = glob.slice(end + 1);
  const inside = glob.slice(start + 1, end);
  const range = /^([+-]?\d+)\.\.([+-]?\d+)$/.exec(inside);
  if (range) return numbers(Number(range[1]), Number(range[2])).map((n) => before + n + after);
  if (commas.length === 0) return [`${before}${OPEN}${inside}${CLOSE}${after}`];
  const cuts = [start, ...commas, end];
  return cuts.slice(1).map((cut, index) => {
    const from = cuts[index] ?? start;
    return before + glob.slice(from + 1, cut) + after;
  });
}

function numbers(from: number, to: number): string[] {
  const [low, high] = from < to ? [from, to] : [to, from];
  const count = Math.min(high - low + 1, ALTERNATIVES_MAX);
  return Array.from({ length: count }, (_, index) => String(low + index));
}

/** The glob, without braces, as a regular expression. */
function pattern(glob: string): string {
  let result = "";
  for (let at = 0; at < glob.length; at += 1) {
    const character = glob[at] ?? "";
    if (character === "\\") {
      at += 1;
      result += escaped(glob[at] ?? "\\");
    } else if (glob.startsWith("**/", at) && (at === 0 || glob[at - 1] === "/")) {
      at += 2;
      result += "(?:.*/)?";
    } else if (glob.startsWith("**", at)) {
      at += 1;
      result += ".*";
    } else if (character === "*") {
      result += "[^/]*";
    } else if (character === "?") {
      result += "[^/]";
    } else if (character === "[") {
      const close = glob.indexOf("]", at + 2);
      const inside = close < 0 ? "/" : glob.slice(at + 1, close);
      if (inside.includes("/")) {
        result += "\\[";
      } else {
        const negated = inside.startsWith("!");
        const set = inside.slice(negated ? 1 : 0).replace(/[\\[\]^]/g, "\\$&");
        result += `[${negated ? "^/" : ""}${set}]`;
        at = close;
      }
    } else if (character === OPEN) result += "\\{";
    else if (character === CLOSE) result += "\\}";
    else result += escaped(character);
  }
  return result;
}

function escaped(character: string): string {
  return /[.*+?^${}()|[\]\\/]/.test(character) ? `\\${character}` : character;
}

/** What is asked of a file; what the project does not say is absent. */
export interface Conventions {
  indentStyle?: "tab" | "space";
  /** Columns of one step. */
  indentSize?: number;
  /** Columns of a tab. */
  tabWidth?: number;
  endOfLine?: "lf" | "crlf";
  charset?: "utf-8" | "utf-8-bom" | "latin1" | "utf-16le" | "utf-16be";
  trimTrailingWhitespace?: boolean;
  insertFinalNewline?: boolean;
  /** The column at which lines should end. */
  maxLineLength?: number;
}

/** A configuration file and the folder that it stands in ("" is the root). */
export interface PlacedConfig {
  folder: string;
  config: EditorConfigFile;
}

/** What the files say of `path`, the outermost folder's first: nearer ones and later sections win. */
export function conventionsFor(path: string, configs: readonly PlacedConfig[]): Conventions {
  const roots = configs.map(({ config }) => config.root);
  const nearestRoot = roots.lastIndexOf(true);
  const pairs = new Map<string, string>();
  for (const { folder, config } of configs.slice(Math.max(0, nearestRoot))) {
    const relative = folder === "" ? path : path.slice(folder.length + 1);
    for (const section of config.sections) {
      if (!globMatches(section.glob, relative)) continue;
      for (const [key, value] of section.pairs) pairs.set(key, value);
    }
  }
  return readConventions(pairs);
}

function readConventions(pairs: ReadonlyMap<string, string>): Conventions {
  const value = (key: string) => pairs.get(key)?.toLowerCase();
  const oneOf = <Value extends string>(key: string, known: readonly Value[]) =>
    known.find((one) => one === value(key));
  const bool = (key: string) => ({ true: true, false: false })[value(key) ?? ""];
  const columns = (key: string) => {
    const number = Number(value(key));
    return Number.isInteger(number) && number > 0 && number <= COLUMNS_MAX ? number : undefined;
  };
  const indentStyle = oneOf("indent_style", ["tab", "space"]);
  const tabWidth = columns("tab_width");
  const size = value("indent_size");
  // `tab`, or tabs without a size: a step is a tab.
  const byTab = size === "tab" || (size === undefined && indentStyle === "tab");
  const indentSize = byTab ? tabWidth : columns("indent_size");
  return withoutAbsent({
    indentStyle,
    indentSize,
    tabWidth: tabWidth ?? indentSize,
    endOfLine: oneOf("end_of_line", ["lf", "crlf"]),
    charset: oneOf("charset", ["utf-8", "utf-8-bom", "latin1", "utf-16le", "utf-16be"]),
    trimTrailingWhitespace: bool("trim_trailing_whitespace"),
    insertFinalNewline: bool("insert_final_newline"),
    maxLineLength: columns("max_line_length"),
  });
}

/** Wider ones are mistakes. */
const COLUMNS_MAX = 1000;

function withoutAbsent(all: { [Key in keyof Conventions]: Conventions[Key] | undefined }) {
  const present = Object.entries(all).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as Conventions;
}

/** Where configuration files may stand for a file, the outermost first. */
export function configPaths(path: string): { folder: string; path: string }[] {
  const parts = path.split("/").slice(0, -1);
  const folders = ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
  return folders.map((folder) => ({
    folder,
    path: folder === "" ? ".editorconfig" : `${folder}/.editorconfig`,
  }));
}
