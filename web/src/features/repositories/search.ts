/** What of the repositories page stands in the address. */
export interface RepositoriesSearch {
  /** What is searched for. */
  q?: string;
}

/** Reads the address; what it does not know it leaves out. */
export function parseSearch(search: Record<string, unknown>): RepositoriesSearch {
  const { q } = search;
  const text = typeof q === "string" || typeof q === "number" ? String(q) : "";
  return text === "" ? {} : { q: text };
}
