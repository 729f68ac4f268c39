import { createFileRoute } from "@tanstack/react-router";
import { DashboardPage } from "@/features/workspaces/dashboard-page";
import { parseSearch } from "@/features/workspaces/filter";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/")({
  validateSearch: parseSearch,
  loader: () => loadTexts("workspaces"),
  component: DashboardPage,
});
