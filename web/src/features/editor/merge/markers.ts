/** Conflicts as they stand in a text, between markers as Git writes them. Pure. */
import type { MergeChunk } from "./merge3";

interface MarkerLabels {
  mine: string;
  base: string;
  theirs: string;
}

/** What stands in the place of a conflict: one side, or both in an order. */
export type Choice = "mine" | "theirs" | "mineFirst" | "theirsFirst";

/** A conflict in a text; lines from 1, the last one included. */
export interface Conflict {
  first: number;
  last: number;
  /** What stands between its markers; nothing where some are missing, and a person must see to it. */
  sides: ConflictSides | undefined;
}

export interface ConflictSides {
  mine: readonly string[];
  /** Where it stands there, too: that is for Git's settings to say. */
  base?: readonly string[];
  theirs: readonly string[];
}

/** The text with its conflicts between markers. */
export function withMarkers(chunks: readonly MergeChunk[], labels: MarkerLabels): string {
  let text = "";
  const add = (lines: readonly string[]) => {
    for (const line of lines) {
      // The last line of a text may have no end; a marker needs one.
      text += line.endsWith("\n") ? line : `${line}\n`;
    }
  };
  chunks.forEach((chunk, index) => {
    if (chunk.kind === "agreed") {
      if (index === chunks.length - 1) text += chunk.lines.join("");
      else add(chunk.lines);
      return;
    }
    add([`<<<<<<< ${labels.mine}\n`, ...chunk.mine, `||||||| ${labels.base}\n`, ...chunk.base]);
    add(["=======\n", ...chunk.theirs, `>>>>>>> ${labels.theirs}\n`]);
  });
  return text;
}

/** Exactly seven: conflicts of what both sides were merged from before stand in longer ones. */
const MARKER = /^(<{7}|\|{7}|={7}|>{7})(?: |$)/;

/** The conflicts in the lines of a text, whoever has written them. */
export function conflictsIn(lines: readonly string[]): Conflict[] {
  const conflicts: Conflict[] = [];
  let open: { first: number; base?: number; middle?: number } | undefined;
  const broken = (line: number) => conflicts.push({ first: line, last: line, sides: undefined });
  lines.forEach((line, index) => {
    const marker = MARKER.exec(line)?.[1]?.[0];
    const number = index + 1;
    if (marker === "<") {
      if (open) broken(open.first);
      open = { first: number };
    } else if (marker === "|" && open && !open.middle) open.base ??= number;
    // Underlined headings look like it; the first after a beginning is the one.
    else if (marker === "=" && open && line.trimEnd() === "=======") open.middle ??= number;
    else if (marker === ">") {
      if (!open?.middle) broken(open?.first ?? number);
      else {
        const { first, base, middle } = open;
        const mine = lines.slice(first, (base ?? middle) - 1);
        const before = base === undefined ? {} : { base: lines.slice(base, middle - 1) };
        const sides = { mine, ...before, theirs: lines.slice(middle, index) };
        conflicts.push({ first, last: number, sides });
      }
      open = undefined;
    }
  });
  if (open) broken(open.first);
  return conflicts;
}

/** The lines that stand in the conflict's place when it is decided. */
export function decided({ mine, theirs }: ConflictSides, choice: Choice): readonly string[] {
  switch (choice) {
    case "mine":
      return mine;
    case "theirs":
      return theirs;
    case "mineFirst":
      return [...mine, ...theirs];
    case "theirsFirst":
      return [...theirs, ...mine];
  }
}

/** The conflict that a line is in, else the next one behind it, around the end. */
export function conflictAt(conflicts: readonly Conflict[], line: number): Conflict | undefined {
  return conflicts.find(({ last }) => last >= line) ?? conflicts[0];
}

/** The conflict to go to from a line, around the ends. */
export function conflictFrom(
  conflicts: readonly Conflict[],
  line: number,
  by: 1 | -1,
): Conflict | undefined {
  return by === 1
    ? (conflicts.find(({ first }) => first > line) ?? conflicts[0])
    : (conflicts.findLast(({ last }) => last < line) ?? conflicts.at(-1));
}
