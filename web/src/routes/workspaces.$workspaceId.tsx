import { createFileRoute } from "@tanstack/react-router";
import { loadTexts } from "@/lib/i18n";
import { requireAccount } from "@/lib/session";

/** The workspace view, full screen, without the rail. */
export const Route = createFileRoute("/workspaces/$workspaceId")({
  beforeLoad: ({ context, location }) => requireAccount(context.queryClient, location.href),
  loader: () => loadTexts("workbench"),
  component: () => null,
});
