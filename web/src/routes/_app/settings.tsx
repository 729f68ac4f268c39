import { createFileRoute } from "@tanstack/react-router";
import { EditorSettingsSection } from "@/features/editor/settings/settings-section";
import { SettingsPage } from "@/features/settings/settings-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/settings")({
  loader: () => Promise.all((["settings", "editor"] as const).map(loadTexts)),
  component: SettingsRoute,
});

function SettingsRoute() {
  return (
    <SettingsPage>
      <EditorSettingsSection />
    </SettingsPage>
  );
}
