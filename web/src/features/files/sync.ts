/** Brings what the watch tells into the cache: listings, and the state of Git. */
import type { QueryClient } from "@tanstack/react-query";
import {
  directoriesOfModified,
  directoriesToRead,
  type FileChange,
  listingsToForget,
  touchesGit,
} from "./changes";
import { directoryKey, loadedDirectories, refreshGit } from "./queries";
import type { WatchListener } from "./watch";

/**
 * A build writes thousands of files; a listing is read again at most this often. Short enough that what comes
 * right after something else is still seen within a fifth of a second.
 */
const LISTING_PAUSE_MS = 100;
/** What is written to again and again, as a log is, changes its size and time no more often in sight. */
const DETAIL_PAUSE_MS = 1_000;
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

/**
 * The listener that keeps the tree of `workspace` as the disk is; sizes and times too, while
 * `showsDetails` says that they are in sight.
 */
export function treeSync(
  client: QueryClient,
  workspace: string,
  showsDetails: () => boolean,
): WatchListener {
  const reader = (pauseMs: number) => {
    let toRead = new Set<string>();
    const read = throttle(pauseMs, () => {
      const directories = toRead;
      toRead = new Set();
      for (const path of directories) {
        void client.invalidateQueries({ queryKey: directoryKey(workspace, path), exact: true });
      }
    });
    return (directories: readonly string[]) => {
      for (const path of directories) toRead.add(path);
      if (directories.length > 0) read();
    };
  };
  const readListings = reader(LISTING_PAUSE_MS);
  const readDetails = reader(DETAIL_PAUSE_MS);
  const readGit = throttle(GIT_PAUSE_MS, () => void refreshGit(client));
  return {
    changed(changes: readonly FileChange[]) {
      const loaded = new Set(loadedDirectories(client, workspace));
      for (const path of listingsToForget(changes, loaded)) {
        client.removeQueries({ queryKey: directoryKey(workspace, path), exact: true });
      }
      readListings(directoriesToRead(changes, (path) => loaded.has(path)));
      if (showsDetails()) readDetails(directoriesOfModified(changes, (path) => loaded.has(path)));
      if (touchesGit(changes)) readGit();
    },
    rescan(folder) {
      const loaded = loadedDirectories(client, workspace);
      readListings(loaded.filter((path) => folder === undefined || folder === path));
      readGit();
    },
  };
}
