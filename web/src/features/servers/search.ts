import type { Node } from "@/api/types";

/** What of the servers page stands in the address. */
export interface ServersSearch {
  /** Part of a name. */
  q?: string;
  /** `key=value`, or `key`. */
  label?: string;
  state?: Node["state"];
  /** The dialog that adds a server is open. */
  add?: true;
}

/** The states by which a person can filter. */
export const FILTER_STATES = ["online", "offline"] as const;

/** Reads the address; what it does not know it leaves out. */
export function parseSearch(search: Record<string, unknown>): ServersSearch {
  const state = FILTER_STATES.find((known) => known === search.state);
  const text = (value: unknown) =>
    typeof value === "string" || typeof value === "number" ? String(value) : "";
  const [q, label] = [text(search.q), text(search.label)];
  return {
    ...(q === "" ? {} : { q }),
    ...(label === "" ? {} : { label }),
    ...(state ? { state } : {}),
    ...(search.add === true ? { add: true } : {}),
  };
}
