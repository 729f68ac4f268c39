/** One commit: its message, its files, and what can be done with it. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { shownPath } from "@/lib/shown-path";
import type { GitDialogProps } from "./git-dialogs";

export function CommitView(props: GitDialogProps & { commit: string }) {
  const { workspace, status, session, actions, commit } = props;
  const { t } = useTranslation("git");
  const [resetting, setResetting] = useState(false);
  const view = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/commit", {
    params: { path: { workspace }, query: { path: status.root, commit } },
  });
  if (view.isError) return <ErrorState error={view.error} onRetry={() => void view.refetch()} />;
  const data = view.data;
  if (!data) return <div aria-hidden className="skeleton m-4 h-3 w-1/3" />;
  const busy = status.operation ? t(`operation.${status.operation}`) : undefined;
  return (
    <section
      aria-label={t("commit.view")}
      className="flex max-h-[40dvh] min-h-0 flex-col gap-2 overflow-y-auto border-t p-3"
    >
      <pre dir="auto" className="whitespace-pre-wrap font-sans text-sm">
        {data.message}
      </pre>
      <p className="text-ink-3 text-xs">
        <code className="isolate-text">{data.commit.id}</code> ·{" "}
        <bdi>{data.commit.author.name}</bdi> <bdi>{data.commit.author.email}</bdi>
      </p>
      <div className="flex flex-wrap gap-1.5">
        <Button
          size="sm"
          disabledReason={busy}
          onClick={() => session.setState({ view: { kind: "rebase", onto: `${commit}^` } })}
        >
          {t("commit.rebaseFrom")}
        </Button>
        <Button size="sm" disabledReason={busy} onClick={() => void actions.cherryPick(commit)}>
          {t("commit.cherryPick")}
        </Button>
        <Button size="sm" disabledReason={busy} onClick={() => void actions.revert(commit)}>
          {t("commit.revert")}
        </Button>
        <Button size="sm" onClick={() => void actions.switchTo(commit, true)}>
          {t("commit.checkOut")}
        </Button>
        <Button size="sm" disabledReason={busy} onClick={() => setResetting(true)}>
          {t("commit.reset")}
        </Button>
      </div>
      <ul>
        {data.files.map((file) => (
          <li key={file.file}>
            <button
              type="button"
              className="flex w-full items-center gap-2 rounded-sm px-1 py-0.5 text-start text-sm hover:bg-hover"
              onClick={() =>
                session.setState({ view: { kind: "commitDiff", file: file.file, commit } })
              }
            >
              <span className="w-4 text-ink-3">{file.status}</span>
              <bdi className="min-w-0 flex-1 truncate">{shownPath(file.file)}</bdi>
              <span className="text-ok text-xs">+{file.added ?? 0}</span>
              <span className="text-bad text-xs">−{file.removed ?? 0}</span>
            </button>
          </li>
        ))}
        {data.truncated ? <li className="text-warn text-xs">{t("commit.moreFiles")}</li> : null}
      </ul>
      <ConfirmDialog
        open={resetting}
        onOpenChange={setResetting}
        title={t("commit.reset")}
        description={t("commit.resetHint", { commit: commit.slice(0, 8) })}
        action={t("commit.resetAction")}
        pending={false}
        onConfirm={() => {
          setResetting(false);
          void actions.reset(commit, "mixed");
        }}
      />
    </section>
  );
}
