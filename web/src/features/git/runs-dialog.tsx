/** What was run: the commands of Git, and what they printed. */
import { CircleAlert, CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import type { GitDialogProps } from "./git-dialogs";

export function RunsDialog({ workspace, session }: GitDialogProps) {
  const { t } = useTranslation("git");
  const runs = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/runs", {
    params: { path: { workspace } },
  });
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={t("runs.open")}
      description={t("runs.hint")}
      className="sm:max-w-3xl"
    >
      <DialogBody className="flex flex-col gap-3">
        {runs.isError ? (
          <ErrorState error={runs.error} onRetry={() => void runs.refetch()} />
        ) : null}
        {runs.data?.items.length === 0 ? <p className="text-ink-3">{t("runs.none")}</p> : null}
        {runs.data?.items.toReversed().map((run) => (
          <article key={`${run.at} ${run.command}`} className="min-w-0">
            <p className="flex items-center gap-1.5">
              {run.succeeded ? (
                <CircleCheck className="size-4 shrink-0 text-ok" aria-label={t("runs.succeeded")} />
              ) : (
                <CircleAlert className="size-4 shrink-0 text-bad" aria-label={t("runs.failed")} />
              )}
              <code dir="ltr" className="min-w-0 flex-1 break-all font-mono text-xs">
                {run.command}
              </code>
              <span className="shrink-0 text-ink-3 text-xs">
                <TimeAgo at={run.at} />
              </span>
            </p>
            {run.output === "" ? null : (
              <pre
                dir="ltr"
                className="mt-1 max-h-60 overflow-auto rounded-sm bg-canvas p-2 text-xs"
              >
                {run.output}
              </pre>
            )}
          </article>
        ))}
      </DialogBody>
    </Dialog>
  );
}
