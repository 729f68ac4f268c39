import { createFileRoute } from "@tanstack/react-router";
import { AppShell } from "@/components/shell/app-shell";
import { requireAccount } from "@/lib/session";

/** Every page for signed-in people that has the rail and the top bar. */
export const Route = createFileRoute("/_app")({
  beforeLoad: ({ context, location }) => requireAccount(context.queryClient, location.href),
  component: AppShell,
});
