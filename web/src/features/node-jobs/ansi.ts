/** Output of commands for the page: colours are kept, whatever else commands a terminal is left out. */

/** How a piece of text looks. */
export interface Look {
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  inverse?: true;
  /** One of the terminal's 16, or `rgb(…)`. */
  color?: number | string;
  background?: number | string;
}

/** Text of one look. */
export interface Piece {
  text: string;
  look: Look;
}

// CSI, OSC and other strings, and escapes of two and three characters (ECMA-48).
const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is about.
  /\x1b(?:\[([0-?]*)[ -/]*([@-~])?|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~]?)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g;

/** The pieces of a text. An unfinished escape at its end shows nothing. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let look: Look = {};
  let at = 0;
  const push = (raw: string) => {
    const shown = raw.replace(CONTROL, "");
    if (shown !== "") found.push({ text: shown, look });
  };
  const plain = overwritten(text);
  for (const match of plain.matchAll(ESCAPE)) {
    push(plain.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === "m") look = changed(look, match[1] ?? "");
  }
  push(plain.slice(at));
  return found;
}

/** A carriage return begins the line anew: of progress bars the last state stays. */
function overwritten(text: string): string {
  return text
    .replaceAll("\r\n", "\n")
    .split("\n")
    .map((line) => {
      const end = line.endsWith("\r") ? line.slice(0, -1) : line;
      return end.slice(end.lastIndexOf("\r") + 1);
    })
    .join("\n");
}

/** A look after `CSI … m` (SGR). */
function changed(look: Look, parameters: string): Look {
  const codes = parameters.split(/[;:]/).map(Number);
  let next: Look = { ...look };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) next = {};
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 7) next.inverse = true;
    else if (code === 22) next = without(next, "bold", "dim");
    else if (code === 23) next = without(next, "italic");
    else if (code === 24) next = without(next, "underline");
    else if (code === 27) next = without(next, "inverse");
    else if (code === 39) next = without(next, "color");
    else if (code === 49) next = without(next, "background");
    else if (code >= 30 && code <= 37) next.color = code - 30;
    else if (code >= 40 && code <= 47) next.background = code - 40;
    else if (code >= 90 && code <= 97) next.color = code - 90 + 8;
    else if (code >= 100 && code <= 107) next.background = code - 100 + 8;
    else if (code === 38 || code === 48) {
      const [color, used] = extended(codes.slice(at + 1));
      at += used;
      if (color !== undefined) next[code === 38 ? "color" : "background"] = color;
    }
  }
  return next;
}

function without(look: Look, ...keys: (keyof Look)[]): Look {
  const next = { ...look };
  for (const key of keys) delete next[key];
  return next;
}

/** A colour of 256 or of 16 million, and how many codes it took. */
function extended(codes: number[]): [number | string | undefined, number] {
  if (codes[0] === 5) return [indexed(codes[1] ?? 0), 2];
  if (codes[0] !== 2) return [undefined, 0];
  const [red = 0, green = 0, blue = 0] = codes.slice(1, 4).map((part) => clamp(part));
  return [`rgb(${red} ${green} ${blue})`, 4];
}

function clamp(value: number): number {
  return Number.isFinite(value) ? Math.min(255, Math.max(0, Math.trunc(value))) : 0;
}

/** One of xterm's 256: the 16, a cube of 6 × 6 × 6, and 24 greys. */
function indexed(value: number): number | string {
  const index = clamp(value);
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (part: number) => (part === 0 ? 0 : 55 + part * 40);
  const cube = index - 16;
  const [red, green, blue] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return `rgb(${level(red)} ${level(green)} ${level(blue)})`;
}
