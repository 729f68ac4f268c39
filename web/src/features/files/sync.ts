/** Brings what the watch tells into the cache: listings, and the state of Git. */
import type { QueryClient } from "@tanstack/react-query";
import { directoriesToRead, type FileChange, listingsToForget, touchesGit } from "./changes";
import { directoryKey, loadedDirectories, refreshGit } from "./queries";
import type { WatchListener } from "./watch";

/** A build writes thousands of files; a listing is read again at most this often. */
const LISTING_PAUSE_MS = 250;
/** Git walks the whole tree for its answer. */
const GIT_PAUSE_MS = 800;

/** Runs at once, then at most once in `pauseMs` while asked. */
function throttle(pauseMs: number, run: () => void): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const fire = () => {
    again = false;
    run();
    waiting = setTimeout(() => {
      waiting = undefined;
      if (again) fire();
    }, pauseMs);
  };
  return () => {
    if (waiting === undefined) fire();
    else again = true;
  };
}

/** The listener that keeps the tree of `workspace` as the disk is. */
export function treeSync(client: QueryClient, workspace: string): WatchListener {
  let toRead = new Set<string>();
  const readListings = throttle(LISTING_PAUSE_MS, () => {
    const directories = toRead;
    toRead = new Set();
    for (const path of directories) {
      void client.invalidateQueries({ queryKey: directoryKey(workspace, path), exact: true });
    }
  });
  const readGit = throttle(GIT_PAUSE_MS, () => void refreshGit(client));
  return {
    changed(changes: readonly FileChange[]) {
      const loaded = new Set(loadedDirectories(client, workspace));
      for (const path of listingsToForget(changes, loaded)) {
        client.removeQueries({ queryKey: directoryKey(workspace, path), exact: true });
      }
      const directories = directoriesToRead(changes, (path) => loaded.has(path));
      for (const path of directories) toRead.add(path);
      if (directories.length > 0) readListings();
      if (touchesGit(changes)) readGit();
    },
    rescan(folder) {
      for (const path of loadedDirectories(client, workspace)) {
        if (folder === undefined || folder === path) toRead.add(path);
      }
      readListings();
      readGit();
    },
  };
}
