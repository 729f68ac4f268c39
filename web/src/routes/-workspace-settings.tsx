import { lazy, Suspense } from "react";
import { useCommandStore } from "@/lib/commands";
import { usePreferenceSections } from "./-preference-sections";

const PreferenceDialog = lazy(async () => ({
  default: (await import("@/features/settings/preference-dialog")).PreferenceDialog,
}));

/** The settings over a workspace; the shell's command opens them. */
export function WorkspaceSettings() {
  const { overlay, setOverlay } = useCommandStore();
  const sections = usePreferenceSections();
  return (
    <Suspense>
      {overlay === "settings" ? (
        <PreferenceDialog sections={sections} onClose={() => setOverlay(undefined)} />
      ) : null}
    </Suspense>
  );
}
