import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { PreferenceSection } from "@/components/preferences/preference-section";

const EditorSettingsForm = lazy(async () => ({
  default: (await import("@/features/editor/settings/editor-settings")).EditorSettingsForm,
}));

/**
 * What features contribute to the settings, for the page and for the workspace's dialog. A feature's
 * part is one more element.
 */
export function usePreferenceSections(): PreferenceSection[] {
  const { t } = useTranslation("editor");
  return [
    {
      id: "editor",
      title: t("settings.title"),
      description: t("settings.detail"),
      content: (
        <Suspense fallback={<div className="skeleton h-40" />}>
          <EditorSettingsForm />
        </Suspense>
      ),
    },
  ];
}
