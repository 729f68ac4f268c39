import { createFileRoute, useLocation } from "@tanstack/react-router";
import { Toaster } from "@/components/ui/toaster";
import { TooltipProvider } from "@/components/ui/tooltip";
import { SharedPage } from "@/features/terminals/sharing/shared-page";
import { loadTexts } from "@/lib/i18n";

/** A shared terminal, for people without an account too. What stands behind the `#` no proxy sees. */
export const Route = createFileRoute("/share/$shareId")({
  loader: () => loadTexts("terminals", "workbench"),
  component: ShareRoute,
});

function ShareRoute() {
  const token = useLocation({ select: ({ hash }) => hash });
  return (
    <TooltipProvider delayDuration={400}>
      <SharedPage key={token} token={token} />
      <Toaster />
    </TooltipProvider>
  );
}
