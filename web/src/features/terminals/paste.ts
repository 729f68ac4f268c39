/** What is pasted: made harmless, and asked about where it would run at once. */

export interface Paste {
  text: string;
  /** How many lines it has. */
  lines: number;
  /** How many control characters were taken out. */
  removed: number;
}

/** Everything that a keyboard's paste has no business with: ESC could press any key, end the paste. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** The text without control characters but tab and the ends of lines. */
export function preparePaste(raw: string): Paste {
  const text = raw.replace(CONTROLS, "");
  const removed = raw.length - text.length;
  const lines = text.replace(/(?:\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/).length;
  return { text, lines, removed };
}

/**
 * Whether to ask first: lines that a shell would run one after the other, without a look at them. In
 * bracketed paste the shell itself waits for Enter.
 */
export function mustAsk(paste: Paste, bracketed: boolean, guard: boolean): boolean {
  return guard && !bracketed && (paste.lines > 1 || /[\r\n]$/.test(paste.text));
}
