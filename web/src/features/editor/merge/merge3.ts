/**
 * Three-way merge of lines: what one side changed and the other did not is taken; what both changed
 * is a conflict. Pure; the comparison is `node-diff3`'s.
 */
import { diff3Merge } from "node-diff3";

/** A part of the merged text: agreed, or for a person to decide. Lines keep their endings. */
export type MergeChunk =
  | { kind: "agreed"; lines: readonly string[] }
  | {
      kind: "conflict";
      mine: readonly string[];
      base: readonly string[];
      theirs: readonly string[];
    };

export type Merged =
  | { kind: "clean"; text: string }
  | { kind: "conflicts"; chunks: readonly MergeChunk[] }
  /** Too long to be compared while a person waits. */
  | { kind: "tooLarge" };

/** The comparison needs time and memory by the square of what differs, in lines. */
const DIFFERING_LINES_MAX = 20_000;

/** Merges what became of `base` on two sides. */
export function merge3(mine: string, base: string, theirs: string): Merged {
  const [a, o, b] = [linesOf(mine), linesOf(base), linesOf(theirs)];
  // What all three begin and end with needs no comparison.
  const shortest = Math.min(a.length, o.length, b.length);
  let head = 0;
  while (head < shortest && a[head] === o[head] && b[head] === o[head]) head += 1;
  let tail = 0;
  while (
    tail < shortest - head &&
    a.at(-1 - tail) === o.at(-1 - tail) &&
    b.at(-1 - tail) === o.at(-1 - tail)
  ) {
    tail += 1;
  }
  const middle = (lines: string[]) => lines.slice(head, lines.length - tail);
  const parts = [middle(a), middle(o), middle(b)] as const;
  if (parts.some((lines) => lines.length > DIFFERING_LINES_MAX)) return { kind: "tooLarge" };
  const regions = diff3Merge([...parts[0]], [...parts[1]], [...parts[2]], {
    excludeFalseConflicts: true,
  });
  const chunks: MergeChunk[] = [];
  if (head > 0) chunks.push({ kind: "agreed", lines: o.slice(0, head) });
  for (const { ok, conflict } of regions) {
    if (ok) chunks.push({ kind: "agreed", lines: ok });
    if (conflict) {
      chunks.push({ kind: "conflict", mine: conflict.a, base: conflict.o, theirs: conflict.b });
    }
  }
  if (tail > 0) chunks.push({ kind: "agreed", lines: o.slice(o.length - tail) });
  if (chunks.some(({ kind }) => kind === "conflict")) return { kind: "conflicts", chunks };
  const agreed = chunks.flatMap((chunk) => (chunk.kind === "agreed" ? chunk.lines : []));
  return { kind: "clean", text: agreed.join("") };
}

/** The lines with their endings; an empty last line is none. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
