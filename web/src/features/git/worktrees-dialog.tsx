/** Working trees: several branches of one repository checked out beside each other. */
import { FolderOpen, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { shownPath } from "@/lib/shown-path";
import type { GitDialogProps } from "./git-dialogs";
import type { GitWorktree } from "./types";

export function WorktreesDialog({ workspace, status, session, actions }: GitDialogProps) {
  const { t } = useTranslation("git");
  const [directory, setDirectory] = useState("");
  const [branch, setBranch] = useState("");
  const [create, setCreate] = useState(true);
  const [force, setForce] = useState(false);
  const [removing, setRemoving] = useState<GitWorktree>();
  const trees = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/worktrees", {
    params: { path: { workspace }, query: { path: status.root } },
  });
  const empty = directory.trim() === "" || branch.trim() === "";
  const close = () => session.setState({ view: undefined });
  return (
    <Dialog
      open
      onOpenChange={close}
      title={t("worktrees.title")}
      description={t("worktrees.hint")}
      className="sm:max-w-xl"
    >
      <form
        className="flex flex-wrap items-center gap-2 border-b p-3"
        onSubmit={async (event) => {
          event.preventDefault();
          if (empty) return;
          const added = await actions.addWorktree(directory.trim(), branch.trim(), create);
          if (!added) return;
          setDirectory("");
          setBranch("");
        }}
      >
        <Input
          className="min-w-32 flex-1"
          aria-label={t("worktrees.directory")}
          placeholder={t("worktrees.directory")}
          value={directory}
          onChange={(event) => setDirectory(event.target.value)}
        />
        <Input
          className="min-w-32 flex-1"
          aria-label={t("worktrees.branch")}
          placeholder={t("worktrees.branch")}
          value={branch}
          onChange={(event) => setBranch(event.target.value)}
        />
        <label className="flex items-center gap-1 text-ink-2 text-xs">
          <input
            type="checkbox"
            checked={create}
            onChange={(event) => setCreate(event.target.checked)}
          />
          {t("worktrees.create")}
        </label>
        <Button
          type="submit"
          variant="primary"
          disabledReason={empty ? t("worktrees.both") : undefined}
        >
          {t("worktrees.add")}
        </Button>
      </form>
      <DialogBody className="min-h-32">
        {trees.isError ? (
          <ErrorState error={trees.error} onRetry={() => void trees.refetch()} />
        ) : null}
        {trees.isPending ? <div aria-hidden className="skeleton h-3 w-1/3" /> : null}
        <ul aria-label={t("worktrees.title")} className="flex flex-col gap-2">
          {trees.data?.items.map((tree) => {
            const name = shownPath(tree.directory) || t("wholeWorkspace");
            return (
              <li key={tree.directory} className="flex items-center gap-1">
                <span className="min-w-0 flex-1">
                  <bdi className="block truncate font-medium">{name}</bdi>
                  <span className="block truncate text-ink-3 text-xs">
                    <bdi>{tree.branch ?? tree.commit?.slice(0, 8) ?? t("noCommit")}</bdi>
                    {tree.current ? ` · ${t("worktrees.current")}` : ""}
                    {tree.locked ? ` · ${t("worktrees.locked")}` : ""}
                    {tree.missing ? ` · ${t("worktrees.missing")}` : ""}
                  </span>
                </span>
                <IconButton
                  label={t("worktrees.open", { name })}
                  disabledReason={
                    tree.directory.startsWith("/")
                      ? t("worktrees.outside")
                      : tree.missing
                        ? t("worktrees.missing")
                        : undefined
                  }
                  onClick={() => session.setState({ repository: tree.directory, view: undefined })}
                >
                  <FolderOpen />
                </IconButton>
                <IconButton
                  label={t("worktrees.remove", { name })}
                  disabledReason={
                    tree.current
                      ? t("worktrees.current")
                      : tree.locked
                        ? t("worktrees.locked")
                        : undefined
                  }
                  onClick={() => {
                    setForce(false);
                    setRemoving(tree);
                  }}
                >
                  <Trash2 />
                </IconButton>
              </li>
            );
          })}
        </ul>
      </DialogBody>
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={t("worktrees.remove", { name: shownPath(removing?.directory ?? "") })}
        description={
          <>
            {t("worktrees.removeHint")}
            <label className="mt-2 flex items-center gap-1">
              <input
                type="checkbox"
                checked={force}
                onChange={(event) => setForce(event.target.checked)}
              />
              {t("worktrees.force")}
            </label>
          </>
        }
        action={t("worktrees.removeAction")}
        pending={false}
        onConfirm={() => {
          if (removing) void actions.removeWorktree(removing.directory, force);
          setRemoving(undefined);
        }}
      />
    </Dialog>
  );
}
