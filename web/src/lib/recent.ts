/** The workspaces that the person was in last, on any device. */
import { useEffect } from "react";
import { definePreferences, type PreferenceSpace, usePreferences } from "./preferences";

/** So many are remembered: the first screen of the switcher, and some. */
const RECENT_MAX = 30;

/** When each workspace was opened last, in UTC milliseconds. */
type Recent = Readonly<Record<string, number>>;

const RECENT: PreferenceSpace<Recent> = {
  ...definePreferences("recent", {}),
  read: (document = {}) =>
    Object.fromEntries(
      Object.entries(document).filter((entry): entry is [string, number] =>
        Number.isFinite(entry[1]),
      ),
    ),
};

/** How long a visit counts as the same one, in milliseconds: reloads are no news to other devices. */
const SAME_VISIT_MS = 60_000;

export function useRecent(): Recent {
  return usePreferences(RECENT)[0];
}

/** Remembers that a workspace is open. */
export function useVisit(workspace: string): void {
  const [recent, change] = usePreferences(RECENT);
  const visit = (now: number) => {
    const before = recent[workspace] ?? 0;
    const newer = Object.values(recent).filter((at) => at > before).length;
    if (newer === 0 && now - before < SAME_VISIT_MS) return;
    const others = Object.keys(recent).filter((id) => id !== workspace);
    const forgotten = mostRecentFirst(others, recent).slice(RECENT_MAX - 1);
    change({ ...Object.fromEntries(forgotten.map((id) => [id, undefined])), [workspace]: now });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: a visit begins when the page is opened, not when another device tells of one.
  useEffect(() => visit(Date.now()), [workspace]);
}

/** In the order of the last visits; those never visited keep their order, at the end. */
export function mostRecentFirst(workspaces: readonly string[], recent: Recent): string[] {
  return [...workspaces].sort((a, b) => (recent[b] ?? 0) - (recent[a] ?? 0));
}
