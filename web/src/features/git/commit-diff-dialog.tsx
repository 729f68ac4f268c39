/** What a commit has changed in a file. */
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { shownPath } from "@/lib/shown-path";
import { DiffLines } from "./diff-lines";
import type { GitDialogProps } from "./git-dialogs";
import type { GitView } from "./session";

type CommitDiffDialogProps = GitDialogProps & { view: Extract<GitView, { kind: "commitDiff" }> };

export function CommitDiffDialog({ workspace, status, session, view }: CommitDiffDialogProps) {
  const { t } = useTranslation("git");
  const { file, commit, back } = view;
  const diff = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/diff", {
    params: { path: { workspace }, query: { path: status.root, file, scope: "commit", commit } },
  });
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={shownPath(file)}
      description={t("diff.ofCommit", { commit: commit.slice(0, 8) })}
      className="sm:max-w-4xl"
    >
      <div className="min-h-40 flex-1 overflow-y-auto">
        {diff.data ? (
          <DiffLines diff={diff.data} />
        ) : diff.isError ? (
          <ErrorState error={diff.error} onRetry={() => void diff.refetch()} />
        ) : (
          <div aria-hidden className="skeleton m-4 h-3 w-1/3" />
        )}
      </div>
      <DialogFooter>
        <Button onClick={() => session.setState({ view: back })}>
          {t(back.kind === "commit" ? "commit.back" : "log.back")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
