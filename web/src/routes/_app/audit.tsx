import { createFileRoute } from "@tanstack/react-router";
import { AuditPage } from "@/features/audit/audit-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/audit")({
  loader: () => loadTexts("organization"),
  component: AuditPage,
});
