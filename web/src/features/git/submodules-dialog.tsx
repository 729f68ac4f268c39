/** Repositories in the repository: how they stand, and brought to what is wanted. */
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { shownPath } from "@/lib/shown-path";
import type { GitDialogProps } from "./git-dialogs";

export function SubmodulesDialog({ workspace, status, session, actions }: GitDialogProps) {
  const { t } = useTranslation("git");
  const running = useStore(session, (state) => state.running);
  const modules = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/submodules", {
    params: { path: { workspace }, query: { path: status.root } },
  });
  const items = modules.data?.items ?? [];
  const busy = running ? t("long.busy") : undefined;
  const update = (directories: string[]) => void actions.long("submodules/update", { directories });
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={t("submodules.title")}
      description={t("submodules.hint")}
      className="sm:max-w-xl"
    >
      <DialogBody className="min-h-32">
        {modules.isError ? (
          <ErrorState error={modules.error} onRetry={() => void modules.refetch()} />
        ) : null}
        {modules.isPending ? <div aria-hidden className="skeleton h-3 w-1/3" /> : null}
        {modules.data && items.length === 0 ? (
          <p className="text-ink-3">{t("submodules.none")}</p>
        ) : null}
        <ul aria-label={t("submodules.title")} className="flex flex-col gap-2">
          {items.map(({ directory, commit, state }) => (
            <li key={directory} className="flex items-center gap-1">
              <span className="min-w-0 flex-1">
                <bdi className="block truncate font-medium">{shownPath(directory)}</bdi>
                <span className="block truncate text-ink-3 text-xs">
                  <code className="isolate-text">{commit.slice(0, 8)}</code> ·{" "}
                  {t(`submodules.${state}`)}
                </span>
              </span>
              <IconButton
                label={t("submodules.update", { name: shownPath(directory) })}
                disabledReason={busy}
                onClick={() => update([directory])}
              >
                <Download />
              </IconButton>
            </li>
          ))}
        </ul>
      </DialogBody>
      <DialogFooter>
        <Button
          variant="primary"
          pending={running?.operation === "submodules/update"}
          disabledReason={items.length === 0 ? t("submodules.none") : busy}
          onClick={() => update([])}
        >
          {t("submodules.updateAll")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
