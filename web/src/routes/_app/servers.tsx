import { createFileRoute } from "@tanstack/react-router";
import { ServersPage } from "@/features/servers/servers-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/servers")({
  loader: () => loadTexts("organization"),
  component: ServersPage,
});
