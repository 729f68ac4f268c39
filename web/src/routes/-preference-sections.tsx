import type { PreferenceSection } from "@/components/preferences/preference-section";

/**
 * What features contribute to the settings, for the page and for the workspace's dialog. A feature's
 * part is one more element, its content made of `components/preferences/`.
 */
export function usePreferenceSections(): PreferenceSection[] {
  return [];
}
