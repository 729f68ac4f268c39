/** Labels as they are typed: one `key=value` a line. The server has the last word on them. */

type Labels = Record<string, string>;

/** The labels of a text, or the line that is none. */
export function parseLabels(text: string): { labels: Labels } | { wrong: string } {
  const labels: Labels = {};
  for (const line of text.split("\n").map((part) => part.trim())) {
    if (line === "") continue;
    const at = line.indexOf("=");
    const key = (at < 0 ? line : line.slice(0, at)).trim();
    if (!/^[a-z0-9._/-]{1,63}$/.test(key)) return { wrong: line };
    labels[key] = at < 0 ? "" : line.slice(at + 1).trim();
  }
  return { labels };
}

/** One label as it is written and searched for. */
export function labelText(key: string, value: string): string {
  return value === "" ? key : `${key}=${value}`;
}

/** Labels as a text to edit. */
export function labelsText(labels: Labels | undefined): string {
  return Object.entries(labels ?? {})
    .map(([key, value]) => labelText(key, value))
    .join("\n");
}
