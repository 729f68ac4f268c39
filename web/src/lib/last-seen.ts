/**
 * What was to be seen in a workspace when this tab left it: some lines of the editor's text and of the
 * terminal's, from which the switcher draws a small picture.
 *
 * Kept for the tab alone (`sessionStorage`), never on the server and not beyond the tab's end or the
 * person's signing out: a terminal may show what is nobody else's business.
 */

/** Enough for a picture of a hundred pixels; more cannot be told apart in it. */
const LINES_MAX = 24;
const COLUMNS_MAX = 80;

/** So many workspaces have a picture; the oldest goes. */
const PICTURES_MAX = 12;

const KEY = "atelier.seen.";

/** The parts of a picture, from top to bottom. */
export const PARTS = ["editor", "terminal"] as const;
export type Part = (typeof PARTS)[number];

export interface Picture extends Partial<Record<Part, string[]>> {
  /** When it was taken, in UTC milliseconds. */
  at: number;
}

/** Gives the lines that a part shows now; nothing when it is not to be seen. */
type Source = () => readonly string[] | undefined;

const sources = new Map<Part, Source>();

/** Offers a part's lines for as long as it is shown; the returned function takes the offer back. */
export function offerLines(part: Part, source: Source): () => void {
  sources.set(part, source);
  return () => {
    if (sources.get(part) === source) sources.delete(part);
  };
}

/** Takes a picture of what is shown now. */
export function takePicture(workspace: string, now: number): void {
  const picture: Picture = { at: now };
  for (const part of PARTS) {
    const lines = sources.get(part)?.();
    if (lines?.some((line) => line.trim() !== "")) {
      picture[part] = lines.slice(0, LINES_MAX).map((line) => line.slice(0, COLUMNS_MAX));
    }
  }
  if (!picture.editor && !picture.terminal) return;
  try {
    sessionStorage.setItem(KEY + workspace, JSON.stringify(picture));
    forgetOldest();
  } catch {
    // The storage is full or blocked: there is no picture, and the switcher says so.
  }
}

/** The last picture of a workspace in this tab. */
export function pictureOf(workspace: string): Picture | undefined {
  try {
    const text = sessionStorage.getItem(KEY + workspace);
    return text === null ? undefined : (JSON.parse(text) as Picture);
  } catch {
    return undefined;
  }
}

function forgetOldest(): void {
  const keys = Object.keys(sessionStorage).filter((key) => key.startsWith(KEY));
  const at = (key: string) => pictureOf(key.slice(KEY.length))?.at ?? 0;
  const newest = keys.sort((a, b) => at(b) - at(a));
  for (const key of newest.slice(PICTURES_MAX)) sessionStorage.removeItem(key);
}
