import { createFileRoute } from "@tanstack/react-router";
import { SetupPage } from "@/features/auth/setup-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/setup")({
  loader: () => loadTexts("auth"),
  component: SetupPage,
});
