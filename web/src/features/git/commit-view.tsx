/** One commit: its message, its files, and what can be done with it. */
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { shownPath } from "@/lib/shown-path";
import { CommitActions } from "./commit-actions";
import { DiffLines } from "./diff-lines";
import type { GitDialogProps } from "./git-dialogs";
import type { GitView } from "./session";

export interface CommitViewProps extends GitDialogProps {
  commit: string;
  /** Where the difference of a file leads back to. */
  back: GitView;
  /** Whose history is shown: what the commit did to it is shown at once. */
  file: string | undefined;
}

export function CommitView(props: CommitViewProps) {
  const { workspace, status, session, commit, back } = props;
  const { t } = useTranslation("git");
  const view = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/commit", {
    params: { path: { workspace }, query: { path: status.root, commit } },
  });
  if (view.isError) return <ErrorState error={view.error} onRetry={() => void view.refetch()} />;
  const data = view.data;
  if (!data) return <div aria-hidden className="skeleton m-4 h-3 w-1/3" />;
  // Before it was renamed it had another name; the commit that renamed it has both.
  const own =
    props.file === undefined
      ? undefined
      : data.files.find(({ file, from }) => file === props.file || from === props.file);
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
      <CommitActions {...props} />
      {own ? <FileDiff {...props} file={own.file} /> : null}
      <ul>
        {data.files.map((file) => (
          <li key={file.file}>
            <button
              type="button"
              className="flex w-full items-center gap-2 rounded-sm px-1 py-0.5 text-start text-sm hover:bg-hover"
              onClick={() =>
                session.setState({ view: { kind: "commitDiff", file: file.file, commit, back } })
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
    </section>
  );
}

/** What the commit has done to the file whose history is shown. */
function FileDiff({ workspace, status, commit, file }: CommitViewProps & { file: string }) {
  const diff = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/diff", {
    params: { path: { workspace }, query: { path: status.root, file, scope: "commit", commit } },
  });
  if (diff.isError) return <ErrorState error={diff.error} onRetry={() => void diff.refetch()} />;
  if (!diff.data) return <div aria-hidden className="skeleton m-4 h-3 w-1/3" />;
  return (
    <div className="shrink-0 overflow-hidden rounded-md border">
      <DiffLines diff={diff.data} />
    </div>
  );
}
