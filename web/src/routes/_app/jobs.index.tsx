import { createFileRoute } from "@tanstack/react-router";
import { JobsPage } from "@/features/node-jobs/jobs-page";
import { parseSearch } from "@/features/node-jobs/search";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/jobs/")({
  validateSearch: parseSearch,
  loader: () => loadTexts("jobs"),
  component: JobsPage,
});
