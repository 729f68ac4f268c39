/**
 * Follows a workspace as a whole; and, where the kernel has no room for that (inotify's limits), also the
 * open folders one by one, which the server then looks at every second.
 */
import { create } from "zustand";
import type { FileChange } from "./changes";
import { FolderWatch } from "./folder-watch";
import { BROWSER, type DiskWatch, FileWatch, type WatchListener } from "./watch";

/** Why not all of a host is followed, by host. */
export const useWatchLimits = create<{ reasons: ReadonlyMap<string, string> }>(() => ({
  reasons: new Map(),
}));

function noteLimit(host: string, reason: string | undefined): void {
  const reasons = new Map(useWatchLimits.getState().reasons);
  if (reason === undefined) reasons.delete(host);
  else reasons.set(host, reason);
  useWatchLimits.setState({ reasons });
}

export class WorkspaceWatch implements DiskWatch {
  private readonly whole: FileWatch;
  private readonly open: FolderWatch;
  private stopOpen: (() => void) | undefined;

  constructor(
    private readonly host: string,
    environment = BROWSER,
  ) {
    this.whole = new FileWatch(host, environment);
    this.open = new FolderWatch(host, environment);
    this.whole.subscribe({
      changed: () => {},
      rescan: () => {},
      limited: (reason) => {
        noteLimit(this.host, reason);
        this.stopOpen ??= this.open.start();
      },
    });
  }

  follow(folders: readonly string[]): void {
    this.open.follow(folders);
  }

  start(): () => void {
    const stop = this.whole.start();
    return () => {
      stop();
      this.stopOpen?.();
      this.stopOpen = undefined;
      noteLimit(this.host, undefined);
    };
  }

  subscribe(listener: WatchListener): () => void {
    const all = [this.whole.subscribe(listener), this.open.subscribe(heard(listener))];
    return () => {
      for (const unsubscribe of all) unsubscribe();
    };
  }

  refresh(): void {
    this.whole.refresh();
  }
}

/** Of single folders only the news: that they are looked at was said already. */
function heard(listener: WatchListener): WatchListener {
  return {
    changed: (changes: readonly FileChange[]) => listener.changed(changes),
    rescan: (folder) => listener.rescan(folder),
  };
}
