/** Where to go after signing in: a path of ours, never another site's address. */
export function nextPath(next: string | undefined): string {
  if (!next?.startsWith("/") || next.startsWith("//") || next.includes("\\")) return "/";
  return next;
}
