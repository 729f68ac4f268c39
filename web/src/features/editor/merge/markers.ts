/** Conflicts as they stand in a text, between markers as Git writes them. Pure. */
import type { MergeChunk } from "./merge3";

export interface MarkerLabels {
  mine: string;
  base: string;
  theirs: string;
}

type Conflict = Extract<MergeChunk, { kind: "conflict" }>;

export type Choice = "mine" | "theirs" | "both";

/** A conflict in the text; lines from 1, the last one included. */
export interface PlacedConflict {
  startLine: number;
  endLine: number;
  conflict: Conflict;
}

/** The text with its conflicts between markers, and where they stand. */
export function withMarkers(
  chunks: readonly MergeChunk[],
  labels: MarkerLabels,
): { text: string; conflicts: PlacedConflict[] } {
  let text = "";
  let line = 1;
  const conflicts: PlacedConflict[] = [];
  const add = (lines: readonly string[]) => {
    for (const one of lines) {
      // The last line of a text may have no end; a marker needs one.
      text += one.endsWith("\n") ? one : `${one}\n`;
      line += 1;
    }
  };
  chunks.forEach((chunk, index) => {
    if (chunk.kind === "agreed") {
      const last = index === chunks.length - 1;
      if (last) text += chunk.lines.join("");
      else add(chunk.lines);
      return;
    }
    const startLine = line;
    add([`<<<<<<< ${labels.mine}\n`, ...chunk.mine, `||||||| ${labels.base}\n`, ...chunk.base]);
    add(["=======\n", ...chunk.theirs, `>>>>>>> ${labels.theirs}\n`]);
    conflicts.push({ startLine, endLine: line - 1, conflict: chunk });
  });
  return { text, conflicts };
}

/** What stands in the conflict's place when it is decided. */
export function decided({ mine, theirs }: Conflict, choice: Choice): string {
  if (choice !== "both") return (choice === "mine" ? mine : theirs).join("");
  const first = mine.join("");
  return (first === "" || first.endsWith("\n") ? first : `${first}\n`) + theirs.join("");
}

/** How many conflicts are left in a text that was edited. */
export function conflictsLeft(text: string): number {
  return text.match(/^<{7} /gm)?.length ?? 0;
}
