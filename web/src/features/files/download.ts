/** Downloads: the browser itself receives them, so that no file has to fit into the page. */
import { agentPath, contentUrl } from "@/api/agent";
import { shownPath } from "@/lib/shown-path";
import { baseName } from "./paths";

export type ArchiveFormat = "zip" | "tar.gz";

/** Where entries are read as one archive. */
function archiveUrl(host: string, paths: readonly string[], format: ArchiveFormat): string {
  const query = new URLSearchParams(paths.map((path) => ["path", path]));
  query.set("format", format);
  return `${agentPath(host)}files/archive?${query}`;
}

/** Downloads a file as it is, or anything as an archive. */
export function download(host: string, paths: readonly string[], format?: ArchiveFormat): void {
  const [path] = paths;
  if (path === undefined) return;
  const link = document.createElement("a");
  link.href = format ? archiveUrl(host, paths, format) : contentUrl(host, path, true);
  // Of an archive the server says the name.
  link.download = format ? "" : shownPath(baseName(path));
  link.click();
}

/** What a drag to the desktop carries: Chromium saves the file where it is dropped. */
export function desktopFile(host: string, path: string): string {
  // The colon ends the name there.
  const name = shownPath(baseName(path)).replaceAll(":", "_");
  const url = new URL(contentUrl(host, path, true), location.href);
  return `application/octet-stream:${name}:${url.href}`;
}
