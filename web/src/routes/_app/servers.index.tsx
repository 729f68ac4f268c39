import { createFileRoute } from "@tanstack/react-router";
import { parseSearch } from "@/features/servers/search";
import { ServersPage } from "@/features/servers/servers-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/servers/")({
  validateSearch: parseSearch,
  loader: () => loadTexts("servers"),
  component: ServersPage,
});
