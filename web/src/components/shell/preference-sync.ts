import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useAppearanceSync } from "@/lib/appearance";
import { useBindingSync } from "@/lib/bindings";
import { cachePreferences, preferenceList } from "@/lib/preference-cache";
import { useAccount } from "@/lib/session";

/** Keeps the preferences for the next first paint, and applies those that concern every page. */
export function usePreferenceSync(): void {
  const { id } = useAccount();
  const { data } = useQuery(preferenceList());
  useEffect(() => {
    if (data) cachePreferences(id, data.items);
  }, [id, data]);
  useAppearanceSync();
  useBindingSync();
}
