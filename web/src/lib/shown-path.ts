/**
 * A path of the files API as people read it. The API writes bytes that are not UTF-8, and `%`
 * itself, as `%XX`: the former are shown as U+FFFD, as in a listing's names.
 */
export function shownPath(path: string): string {
  return path.replace(/%([0-9A-F]{2})/gi, (_, byte: string) => (byte === "25" ? "%" : "\ufffd"));
}
