/** The search of a workspace's page: its session, and the dialog that opens files by name. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCommands } from "@/lib/commands";
import type { QuickOpenProps } from "./quick-open";
import { rememberFile } from "./recent-files";
import { SearchSession } from "./session";

const QuickOpen = lazy(async () => ({
  default: (await import("./quick-open")).QuickOpen,
}));

/** A workspace's search; it goes on while its panel is hidden. */
export function useSearch(workspace: string): SearchSession {
  const [session] = useState(() => new SearchSession(workspace));
  useEffect(() => () => session.dispose(), [session]);
  return session;
}

/** Mod+P: the dialog, while it is open. */
export function useQuickOpen(props: Omit<QuickOpenProps, "onClose">): ReactNode {
  const { t } = useTranslation("search");
  const { workspace, activePath } = props;
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (activePath !== undefined) rememberFile(workspace, activePath);
  }, [workspace, activePath]);
  useCommands("search", [
    {
      id: "file.quickOpen",
      title: t("quickOpen.title"),
      shortcut: "Mod+P",
      run: () => setOpen(true),
    },
  ]);
  if (!open) return null;
  return (
    <Suspense>
      <QuickOpen {...props} onClose={() => setOpen(false)} />
    </Suspense>
  );
}
