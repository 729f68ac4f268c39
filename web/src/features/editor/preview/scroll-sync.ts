/** Two views of one document that scroll together: each tells its first line, the other follows. */

type Part = "source" | "preview";

const followers = new Map<string, (line: number) => void>();
/** The part that a person scrolls now, and until when: the other's own scrolling is an echo. */
let leader: { part: Part; until: number } | undefined;
const LEADS_MS = 250;

/** Has `follow` called with the line that the other part of `path` shows first. */
export function followLine(path: string, part: Part, follow: (line: number) => void): () => void {
  const key = `${part} ${path}`;
  followers.set(key, follow);
  return () => {
    if (followers.get(key) === follow) followers.delete(key);
  };
}

/** This part shows that line first now. */
export function tellLine(path: string, part: Part, line: number): void {
  const now = performance.now();
  if (leader && leader.part !== part && now < leader.until) return;
  leader = { part, until: now + LEADS_MS };
  followers.get(`${part === "source" ? "preview" : "source"} ${path}`)?.(line);
}
