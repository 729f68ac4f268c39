import { useQueryClient } from "@tanstack/react-query";
import { Direction } from "radix-ui";
import { lazy, type ReactNode, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useCommandStore } from "@/lib/commands";
import { startEvents } from "@/lib/event-sync";
import { useAccount } from "@/lib/session";
import { Toaster } from "../ui/toaster";
import { TooltipProvider } from "../ui/tooltip";
import { usePreferenceSync } from "./preference-sync";
import { useShellCommands } from "./shell-commands";

const CommandPalette = lazy(async () => ({
  default: (await import("./command-palette")).CommandPalette,
}));

const ShortcutsDialog = lazy(async () => ({
  default: (await import("./shortcuts-dialog")).ShortcutsDialog,
}));

const WorkspaceSwitcher = lazy(async () => ({
  default: (await import("./workspace-switcher")).WorkspaceSwitcher,
}));

/** The most that one subscription takes (`EventSubscribe.topics`). */
const TOPICS_MAX = 100;

/**
 * What every page for a signed-in person has: the event connection, the palette, and the commands
 * that work everywhere. The workspace view wraps itself in it too.
 */
export function SignedIn({ children }: { children: ReactNode }) {
  const { i18n } = useTranslation();
  const queryClient = useQueryClient();
  const { id, memberships } = useAccount();
  // All of them: a workspace's page may belong to another organization than the chosen one.
  const topics = memberships.map(({ organization_id }) => `organization:${organization_id}`);
  const listened = [`account:${id}`, ...topics].slice(0, TOPICS_MAX).join(" ");
  const overlay = useCommandStore((state) => state.overlay);
  usePreferenceSync();
  useShellCommands();
  useEffect(() => startEvents(queryClient, listened.split(" ")), [queryClient, listened]);
  return (
    <Direction.Provider dir={i18n.dir()}>
      <TooltipProvider delayDuration={400}>
        {children}
        <Toaster />
        <Suspense>
          {overlay === "palette" ? <CommandPalette /> : null}
          {overlay === "shortcuts" ? <ShortcutsDialog /> : null}
          {overlay === "switcher" ? <WorkspaceSwitcher /> : null}
        </Suspense>
      </TooltipProvider>
    </Direction.Provider>
  );
}
