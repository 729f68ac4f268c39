import { useSyncExternalStore } from "react";

/** From here on the panels stand side by side: Tailwind's `md`. */
const WIDE = "(min-width: 48rem)";

function subscribe(changed: () => void): () => void {
  const query = matchMedia(WIDE);
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Whether the panels stand side by side rather than one at a time. */
export function useWide(): boolean {
  return useSyncExternalStore(subscribe, () => matchMedia(WIDE).matches);
}
