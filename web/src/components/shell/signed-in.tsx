import { useQueryClient } from "@tanstack/react-query";
import { Direction } from "radix-ui";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useCommandStore } from "@/lib/commands";
import { startEvents } from "@/lib/event-sync";
import { useMembership } from "@/lib/session";
import { Toaster } from "../ui/toaster";
import { TooltipProvider } from "../ui/tooltip";
import { useShellCommands } from "./shell-commands";

const CommandPalette = lazy(async () => ({
  default: (await import("./command-palette")).CommandPalette,
}));

/**
 * What every page for a signed-in person has: the event connection, the palette, and the commands
 * that work everywhere. The workspace view wraps itself in it too.
 */
export function SignedIn({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const queryClient = useQueryClient();
  const { organization_id } = useMembership();
  const paletteOpen = useCommandStore((state) => state.paletteOpen);
  useShellCommands();
  useEffect(
    () => startEvents(queryClient, [`organization:${organization_id}`]),
    [queryClient, organization_id],
  );
  return (
    <Direction.Provider dir={i18n.dir()}>
      <TooltipProvider delayDuration={400}>
        {children}
        <Toaster />
        <Suspense>{paletteOpen ? <CommandPalette /> : null}</Suspense>
      </TooltipProvider>
    </Direction.Provider>
  );
}
