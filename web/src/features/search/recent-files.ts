/** The files that were shown in a workspace last, the latest first; of this browser, as its tabs are. */

/** So many are remembered: not more than the server takes. */
const REMEMBERED_MAX = 50;

const keyOf = (workspace: string) => `atelier.recent-files.${workspace}`;

/** What is remembered; nothing where that makes no sense. */
export function recentFiles(workspace: string): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(keyOf(workspace)) ?? "[]");
    return Array.isArray(value) ? value.filter((path) => typeof path === "string") : [];
  } catch {
    return [];
  }
}

/** Puts a file to the front. */
export function rememberFile(workspace: string, path: string): void {
  const before = recentFiles(workspace);
  const files = [path, ...before.filter((other) => other !== path)].slice(0, REMEMBERED_MAX);
  localStorage.setItem(keyOf(workspace), JSON.stringify(files));
}
