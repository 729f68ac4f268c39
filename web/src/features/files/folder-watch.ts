/** Follows the folders that are open: of a whole machine nobody can follow every change. */
import { BROWSER, type DiskWatch, FileWatch, type WatchListener } from "./watch";

/** So many at once, those opened last: each is a connection, and a browser holds some 250. */
const FOLDERS_MAX = 50;

export class FolderWatch implements DiskWatch {
  private readonly listeners = new Set<WatchListener>();
  private readonly stops = new Map<string, () => void>();
  private folders: readonly string[] = [];
  private started = false;

  constructor(
    private readonly host: string,
    private readonly environment = BROWSER,
  ) {}

  /** From now on these folders are followed, and no others. */
  follow(folders: readonly string[]): void {
    this.folders = folders.slice(-FOLDERS_MAX);
    if (this.started) this.connect();
  }

  start(): () => void {
    this.started = true;
    this.connect();
    return () => {
      this.started = false;
      for (const stop of this.stops.values()) stop();
      this.stops.clear();
    };
  }

  subscribe(listener: WatchListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  refresh(): void {
    for (const listener of this.listeners) listener.rescan();
  }

  private connect(): void {
    for (const [folder, stop] of this.stops) {
      if (this.folders.includes(folder)) continue;
      stop();
      this.stops.delete(folder);
    }
    for (const folder of this.folders) {
      if (this.stops.has(folder)) continue;
      const watch = new FileWatch(this.host, this.environment, folder);
      watch.subscribe({
        changed: (changes) => {
          for (const listener of this.listeners) listener.changed(changes);
        },
        rescan: () => {
          for (const listener of this.listeners) listener.rescan(folder);
        },
        limited: (reason) => {
          for (const listener of this.listeners) listener.limited?.(reason);
        },
      });
      this.stops.set(folder, watch.start());
    }
  }
}
