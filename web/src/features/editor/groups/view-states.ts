/**
 * Where each tab of each group was: cursor, selection, scrolling, folding. Opaque here (Monaco makes
 * and takes them); kept for the next visit, within a bound.
 */

/** How many are kept for the next visit, and how long each may be, in characters. */
const KEPT_MAX = 60;
const LENGTH_MAX = 20_000;

export class ViewStates {
  private readonly states = new Map<string, unknown>();
  private readonly savers = new Set<() => void>();

  constructor(
    private readonly storage: Pick<Storage, "getItem" | "setItem">,
    private readonly storageKey: string,
  ) {
    try {
      const stored: unknown = JSON.parse(storage.getItem(storageKey) ?? "[]");
      if (Array.isArray(stored)) this.states = new Map(stored.filter(isEntry));
    } catch {
      // As if none were kept.
    }
  }

  get(key: string, group: string): unknown {
    return this.states.get(at(key, group));
  }

  set(key: string, group: string, state: unknown): void {
    // The latest stands last, so that the oldest are dropped first.
    this.states.delete(at(key, group));
    this.states.set(at(key, group), state);
  }

  /** The tab is in another group now. */
  move(key: string, from: string, to: string): void {
    this.copy(key, from, to);
    this.states.delete(at(key, from));
  }

  copy(key: string, from: string, to: string): void {
    this.flush();
    const state = this.states.get(at(key, from));
    if (state !== undefined) this.set(key, to, state);
  }

  rename(rename: (key: string) => string): void {
    this.flush();
    const entries = [...this.states].map(([place, state]) => {
      const [group = "", key = ""] = split(place);
      return [at(rename(key), group), state] as const;
    });
    this.states.clear();
    for (const [place, state] of entries) this.states.set(place, state);
  }

  /** Forgets those that are no longer open. */
  retain(open: (key: string, group: string) => boolean): void {
    for (const place of [...this.states.keys()]) {
      const [group = "", key = ""] = split(place);
      if (!open(key, group)) this.states.delete(place);
    }
  }

  /** Has `saver` called before the states are needed, until the returned function is called. */
  onFlush(saver: () => void): () => void {
    this.savers.add(saver);
    return () => this.savers.delete(saver);
  }

  /** Writes them down for the next visit. */
  persist(): void {
    this.flush();
    const entries = [...this.states]
      .filter(([, state]) => JSON.stringify(state).length <= LENGTH_MAX)
      .slice(-KEPT_MAX);
    this.storage.setItem(this.storageKey, JSON.stringify(entries));
  }

  private flush(): void {
    for (const saver of this.savers) saver();
  }
}

function at(key: string, group: string): string {
  return `${group} ${key}`;
}

function split(place: string): [group: string, key: string] {
  const space = place.indexOf(" ");
  return [place.slice(0, space), place.slice(space + 1)];
}

function isEntry(value: unknown): value is [string, unknown] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "string";
}
