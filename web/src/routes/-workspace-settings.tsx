import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/lib/commands";
import { usePreferenceSections } from "./-preference-sections";

const PreferenceDialog = lazy(async () => ({
  default: (await import("@/features/settings/preference-dialog")).PreferenceDialog,
}));

/** In a workspace the settings open over it: whoever changes the font wants to see it. */
export function WorkspaceSettings() {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const sections = usePreferenceSections();
  useCommands([
    {
      // Takes the place of the way to the settings' page.
      id: "go./settings",
      title: t("place.settings"),
      section: t("section.go"),
      shortcut: "Mod+,",
      run: () => setOpen(true),
    },
  ]);
  return (
    <Suspense>
      {open ? <PreferenceDialog sections={sections} onClose={() => setOpen(false)} /> : null}
    </Suspense>
  );
}
