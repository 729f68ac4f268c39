import { createFileRoute } from "@tanstack/react-router";
import { SettingsPage } from "@/features/settings/settings-page";
import { loadTexts } from "@/lib/i18n";
import { usePreferenceSections } from "../-preference-sections";

export const Route = createFileRoute("/_app/settings")({
  loader: () => loadTexts("settings", "editor"),
  component: SettingsRoute,
});

function SettingsRoute() {
  return <SettingsPage sections={usePreferenceSections()} />;
}
