import { createFileRoute } from "@tanstack/react-router";
import { MembersPage } from "@/features/members/members-page";
import { loadTexts } from "@/lib/i18n";

export const Route = createFileRoute("/_app/members")({
  loader: () => loadTexts("organization"),
  component: MembersPage,
});
