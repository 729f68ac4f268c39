/**
 * Which element draws which row of a long list. A row keeps its element for as long as it is drawn, so that a click
 * meets the row that was aimed at even while others come and go; one that comes takes the element of one that has
 * gone, rather than making its own.
 */
export class Slots {
  private taken = new Map<string, number>();

  /** The slot of each row that is drawn now, by its key. */
  assign(keys: readonly string[]): ReadonlyMap<string, number> {
    const next = new Map<string, number>();
    const used = new Set<number>();
    for (const key of keys) {
      const slot = this.taken.get(key);
      if (slot === undefined) continue;
      next.set(key, slot);
      used.add(slot);
    }
    let free = 0;
    for (const key of keys) {
      if (next.has(key)) continue;
      while (used.has(free)) free += 1;
      next.set(key, free);
      used.add(free);
    }
    this.taken = next;
    return next;
  }
}
