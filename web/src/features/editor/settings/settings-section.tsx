/** The editor's section of the settings page. */
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";

const EditorSettingsForm = lazy(async () => ({
  default: (await import("./editor-settings")).EditorSettingsForm,
}));

export function EditorSettingsSection() {
  const { t } = useTranslation("editor");
  return (
    <Section id="editor" title={t("settings.title")} description={t("settings.detail")}>
      <Suspense fallback={<div className="skeleton h-40" />}>
        <EditorSettingsForm />
      </Suspense>
    </Section>
  );
}
