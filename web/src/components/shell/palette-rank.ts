/** Which actions answer what was typed, the best first. */
import { defaultFilter } from "cmdk";
import type { ListedCommand, Section } from "@/lib/commands";
import { fold } from "@/lib/fold";

/** How much letters that merely come in their order count, beside words. */
const SCATTERED = 0.4;

type Searched = Pick<ListedCommand, "title" | "section" | "keywords">;

/** The actions that have something of `search`; equals stay in their order. */
export function ranked<C extends Searched>(
  commands: readonly C[],
  search: string,
  heading: (section: Section) => string,
): C[] {
  const wanted = fold(search).trim();
  return commands
    .map((command) => ({ command, rank: rank(command, wanted, heading) }))
    .filter(({ rank }) => rank > 0)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ command }) => command);
}

/** From 0 to 1: the title before the words around it, whole words before their middle, letters last. */
function rank(
  { title: shown, section, keywords = [] }: Searched,
  wanted: string,
  heading: (section: Section) => string,
): number {
  const title = fold(shown);
  if (title === wanted) return 1;
  if (title.startsWith(wanted)) return 0.9;
  if (` ${title}`.includes(` ${wanted}`)) return 0.8;
  if (title.includes(wanted)) return 0.7;
  const others = [heading(section), ...keywords].map(fold);
  const words = [title, ...others].flatMap((text) => text.split(/\s+/));
  const known = wanted.split(/\s+/).every((part) => words.some((word) => word.startsWith(part)));
  if (known) return 0.6;
  return SCATTERED * defaultFilter(title, wanted, others);
}
