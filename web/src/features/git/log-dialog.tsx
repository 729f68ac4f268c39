/** The log as a graph: searched, filtered, and commits looked into. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { Dialog } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { shownPath } from "@/lib/shown-path";
import { CommitView } from "./commit-view";
import type { GitDialogProps } from "./git-dialogs";
import { GraphCell } from "./graph-cell";
import { layOut } from "./lanes";
import { GIT } from "./queries";
import type { GitCommit } from "./types";

const ROW_HEIGHT = 28;
const LOG = `${GIT}log` as const;

interface LogDialogProps extends GitDialogProps {
  /** Only the commits that have changed it; through its renames. */
  file: string | undefined;
  /** The commit that is looked into at first. */
  chosen: string | undefined;
}

export function LogDialog(props: LogDialogProps) {
  const { workspace, status, session, file } = props;
  const { t } = useTranslation("git");
  const [text, setText] = useState("");
  const [author, setAuthor] = useState("");
  const [chosen, setChosen] = useState(props.chosen);
  const filters = useDeferredValue({ text: text.trim(), author: author.trim() });
  const query = {
    path: status.root,
    ...(filters.text && { text: filters.text }),
    ...(filters.author && { author: filters.author }),
    ...(file === undefined ? { all: true } : { file }),
  };
  const log = useInfiniteQuery({
    queryKey: ["get", LOG, { params: { path: { workspace }, query } }],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: { next_cursor?: string | null } | undefined) =>
      last?.next_cursor ?? undefined,
    queryFn: async ({ pageParam, signal }) => {
      const { data } = await api.GET(LOG, {
        params: {
          path: { workspace },
          query: pageParam === undefined ? query : { ...query, cursor: pageParam },
        },
        signal,
      });
      return data;
    },
  });
  const commits = useMemo(() => {
    // A commit that came between two pages moves the rest by one place.
    const byId = new Map<string, GitCommit>();
    for (const page of log.data?.pages ?? []) {
      for (const commit of page?.items ?? []) byId.set(commit.id, commit);
    }
    return [...byId.values()];
  }, [log.data]);
  // Without all commits there is no graph.
  const drawn = filters.text === "" && filters.author === "" && file === undefined;
  const lanes = useMemo(() => (drawn ? layOut(commits).rows : []), [commits, drawn]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: commits.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 20,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = log;
  useEffect(() => {
    if (last >= commits.length - 50 && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [last, commits.length, hasNextPage, isFetchingNextPage, fetchNextPage]);
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={file === undefined ? t("log.title") : t("log.ofFile", { file: shownPath(file) })}
      className="sm:max-w-5xl"
    >
      <search className="flex flex-wrap gap-2 border-b p-2">
        <Input
          className="min-w-40 flex-1"
          aria-label={t("log.text")}
          placeholder={t("log.text")}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Input
          className="w-44"
          aria-label={t("log.author")}
          placeholder={t("log.author")}
          value={author}
          onChange={(event) => setAuthor(event.target.value)}
        />
      </search>
      <div ref={scroller} className="h-[50dvh] min-h-40 overflow-y-auto">
        {log.isError ? <ErrorState error={log.error} onRetry={() => void log.refetch()} /> : null}
        {log.data && commits.length === 0 ? (
          <p className="p-4 text-ink-3">{t("log.none")}</p>
        ) : null}
        <ul
          aria-label={t("log.title")}
          className="relative"
          style={{ height: virtual.getTotalSize() }}
        >
          {items.map(({ index, start }) => {
            const commit = commits[index];
            const lane = lanes[index];
            return commit ? (
              <li key={commit.id} className="absolute inset-x-0" style={{ top: start }}>
                <button
                  type="button"
                  aria-pressed={chosen === commit.id}
                  onClick={() => setChosen(chosen === commit.id ? undefined : commit.id)}
                  className="flex w-full items-center gap-2 px-2 text-start hover:bg-hover aria-pressed:bg-selected"
                  style={{ height: ROW_HEIGHT }}
                >
                  {lane ? <GraphCell row={lane} height={ROW_HEIGHT} /> : null}
                  {commit.references.map((name) => (
                    <bdi
                      key={name}
                      className="max-w-40 shrink-0 truncate rounded-sm border border-line-strong px-1 text-accent-text text-xs"
                    >
                      {name.replace(/^refs\/(heads|remotes|tags)\//, "")}
                    </bdi>
                  ))}
                  <bdi className="min-w-0 flex-1 truncate">{commit.subject}</bdi>
                  <bdi className="max-w-32 shrink-0 truncate text-ink-2 text-xs max-sm:hidden">
                    {commit.author.name}
                  </bdi>
                  <span className="w-24 shrink-0 truncate text-ink-3 text-xs">
                    <TimeAgo at={commit.committer.at} />
                  </span>
                </button>
              </li>
            ) : null;
          })}
        </ul>
      </div>
      {chosen ? (
        <CommitView
          key={chosen}
          {...props}
          commit={chosen}
          back={{ kind: "log", ...(file === undefined ? {} : { file }), chosen }}
        />
      ) : null}
    </Dialog>
  );
}
