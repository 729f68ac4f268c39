/** What has changed in a file, hunk by hunk and line by line: staged, unstaged, discarded. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { Dialog, DialogFooter } from "@/components/ui/dialog";
import { shownPath } from "@/lib/shown-path";
import { DiffLines } from "./diff-lines";
import type { GitDialogProps } from "./git-dialogs";
import { changedLines, linesBetween, rangesOf } from "./line-ranges";
import type { GitView } from "./session";

type DiffDialogProps = GitDialogProps & { view: Extract<GitView, { kind: "diff" }> };

const NONE: ReadonlySet<number> = new Set();

export function DiffDialog({ workspace, status, session, actions, onOpen, view }: DiffDialogProps) {
  const { t } = useTranslation("git");
  const { file, scope, untracked } = view;
  const diff = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/diff", {
    params: { path: { workspace }, query: { path: status.root, file, scope } },
  });
  const [choice, setChoice] = useState({ version: "", lines: NONE, last: -1 });
  const data = diff.data;
  const lines = choice.version === data?.version ? choice.lines : NONE;
  const close = () => session.setState({ view: undefined });
  const staged = scope === "staged";
  const selection = (chosen: Iterable<number>) =>
    data ? { version: data.version, lines: rangesOf(chosen) } : undefined;
  const choose = (line: number, span: boolean) => {
    if (!data) return;
    const next = new Set(lines);
    if (span && choice.last >= 0) {
      for (const other of linesBetween(data, choice.last, line)) next.add(other);
    } else if (!next.delete(line)) next.add(line);
    setChoice({ version: data.version, lines: next, last: line });
  };
  const take = (chosen: Iterable<number>) =>
    void (staged ? actions.unstage : actions.stage)([file], selection(chosen));
  const drop = (chosen: Iterable<number>) => void actions.discard([file], selection(chosen));
  return (
    <Dialog
      open
      onOpenChange={close}
      title={shownPath(file)}
      description={t(`diff.scope.${staged ? "staged" : "unstaged"}`)}
      className="sm:max-w-4xl"
    >
      <div className="min-h-40 flex-1 overflow-y-auto">
        {data ? (
          <DiffLines
            diff={data}
            chosen={lines}
            onChoose={choose}
            hunkActions={(hunk) => (
              <span className="flex shrink-0 gap-1 font-sans">
                {staged || untracked ? null : (
                  <Button size="sm" variant="ghost" onClick={() => drop(changedLines(hunk))}>
                    {t("hunk.discard")}
                  </Button>
                )}
                <Button size="sm" variant="ghost" onClick={() => take(changedLines(hunk))}>
                  {t(staged ? "hunk.unstage" : "hunk.stage")}
                </Button>
              </span>
            )}
          />
        ) : diff.isError ? (
          <ErrorState error={diff.error} onRetry={() => void diff.refetch()} />
        ) : (
          <div aria-hidden className="skeleton m-4 h-3 w-1/3" />
        )}
      </div>
      <DialogFooter>
        <Button
          variant="ghost"
          onClick={() => {
            close();
            onOpen(file);
          }}
        >
          {t("openFile")}
        </Button>
        {staged || untracked ? null : (
          <Button
            disabledReason={lines.size === 0 ? t("diff.chooseLines") : undefined}
            onClick={() => drop(lines)}
          >
            {t("lines.discard")}
          </Button>
        )}
        <Button
          disabledReason={lines.size === 0 ? t("diff.chooseLines") : undefined}
          onClick={() => take(lines)}
        >
          {t(staged ? "lines.unstage" : "lines.stage")}
        </Button>
        <Button
          variant="primary"
          onClick={() => void (staged ? actions.unstage : actions.stage)([file])}
        >
          {t(staged ? "file.unstage" : "file.stage")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
