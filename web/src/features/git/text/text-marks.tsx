/** The marks of one text in the gutter, live while it is written. */
import "./marks.css";
import { keepPreviousData } from "@tanstack/react-query";
import type { editor } from "monaco-editor";
import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { $api } from "@/api/client";
import type { TextView } from "@/lib/text-views";
import { BlameNotes } from "./blame-notes";
import { type LineChange, lineChanges, standsAt, textLines } from "./line-changes";
import { Peek, type PeekProps } from "./peek";
import type { FilePlace } from "./repository";
import { setChanges, type TextStore } from "./store";

/** How long after a keystroke the text is compared again. */
const COMPARE_AFTER_MS = 60;

interface TextMarksProps extends Omit<PeekProps, "view" | "changes" | "line" | "onClose" | "onGo"> {
  workspace: string;
  view: TextView;
  store: TextStore;
  place: FilePlace;
  onCommit: (commit: string) => void;
}

export function TextMarks(props: TextMarksProps) {
  const { workspace, view, store, place } = props;
  const { model, editor: code } = view;
  const base = $api.useQuery(
    "get",
    "/api/v1/workspaces/{workspace}/git/content",
    {
      params: {
        path: { workspace },
        query: { path: place.status.root, file: place.file, source: "index" },
      },
    },
    { placeholderData: keepPreviousData, retry: false },
  );
  // What is staged or committed elsewhere changes the state of the file, and what stands in the index.
  const state = stateOf(place);
  const { refetch } = base;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again whenever the state is another.
  useEffect(() => void refetch(), [refetch, state]);
  const { exists = false, binary = false, text = "" } = base.data ?? {};
  const before = useMemo(
    () => (exists && !binary ? textLines(text) : undefined),
    [exists, binary, text],
  );

  useEffect(() => {
    const marks = code.createDecorationsCollection();
    const compare = () => {
      if (model.isDisposed()) return;
      const changes = before && lineChanges(before, model.getLinesContent());
      setChanges(store, view.id, changes);
      marks.set((changes ?? []).map(markOf));
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listener = model.onDidChangeContent(() => {
      clearTimeout(timer);
      timer = setTimeout(compare, COMPARE_AFTER_MS);
    });
    compare();
    return () => {
      clearTimeout(timer);
      listener.dispose();
      marks.clear();
      setChanges(store, view.id, undefined);
    };
  }, [code, model, before, store, view.id]);

  useEffect(() => {
    const listener = code.onMouseDown(({ target }) => {
      const line = target.position?.lineNumber;
      if (line === undefined || !target.element?.classList.contains("git-mark")) return;
      const { peek } = store.getState();
      const same = peek?.view === view.id && peek.line === line;
      store.setState({ peek: same ? undefined : { view: view.id, line } });
    });
    return () => listener.dispose();
  }, [code, store, view.id]);

  const changes = useStore(store, (known) => known.changes[view.id]);
  const line = useStore(store, ({ peek }) => (peek?.view === view.id ? peek.line : undefined));
  const blame = useStore(store, (known) => known.blame);
  return (
    <>
      {line !== undefined && changes?.some((change) => standsAt(change, line)) ? (
        <Peek
          {...props}
          changes={changes}
          line={line}
          onGo={(to) => store.setState({ peek: { view: view.id, line: to } })}
          onClose={() => store.setState({ peek: undefined })}
        />
      ) : null}
      {blame === "off" ? null : <BlameNotes {...props} mode={blame} />}
    </>
  );
}

function stateOf({ status, file }: FilePlace): string {
  return JSON.stringify([status.commit, status.files.find(({ path }) => path === file)]);
}

function markOf({ start, count, oldCount }: LineChange): editor.IModelDeltaDecoration {
  const kind = count > 0 ? (oldCount > 0 ? "changed" : "added") : "removed";
  const first = Math.max(start, 1);
  return {
    range: {
      startLineNumber: first,
      startColumn: 1,
      endLineNumber: first + Math.max(count, 1) - 1,
      endColumn: 1,
    },
    options: {
      linesDecorationsClassName: `git-mark git-mark-${kind === "removed" && start === 0 ? "removed-first" : kind}`,
    },
  };
}
