import { createFileRoute } from "@tanstack/react-router";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/")({
  loader: () => loadTexts("workspaces"),
  component: () => null,
});
