import { createFileRoute } from "@tanstack/react-router";
import { RepositoriesPage } from "@/features/repositories/repositories-page";
import { parseSearch } from "@/features/repositories/search";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/repositories")({
  validateSearch: parseSearch,
  loader: () => loadTexts("repositories"),
  component: RepositoriesPage,
});
