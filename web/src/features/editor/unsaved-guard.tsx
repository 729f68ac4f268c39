/** Edits that are not on disk hold the page: saved if they can be, else a person decides. */
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { shownPath } from "@/lib/shown-path";
import type { EditorSession } from "./session";
import { autosaveOn, currentEditorSettings } from "./settings/settings";

export function UnsavedGuard({ session }: { session: EditorSession }) {
  const { t } = useTranslation("workbench");
  const leaving = useBlocker({
    shouldBlockFn: async () => {
      if (session.dirtyPaths().length === 0) return false;
      // Who has files saved by themselves expects it of these, too.
      const mode = autosaveOn(session.host, currentEditorSettings());
      if (mode !== "off") await session.saveAll();
      return session.dirtyPaths().length > 0;
    },
    // The session's own guard speaks when the browser leaves the page (use-editor.ts).
    enableBeforeUnload: false,
    withResolver: true,
  });
  const files = session.dirtyPaths().map(shownPath).join(", ");
  return (
    <ConfirmDialog
      open={leaving.status === "blocked"}
      onOpenChange={(open) => !open && leaving.reset?.()}
      title={t("editor.leaveTitle")}
      description={t("editor.leaveDescription", { files })}
      action={t("editor.leaveAction")}
      pending={false}
      onConfirm={() => leaving.proceed?.()}
    />
  );
}
