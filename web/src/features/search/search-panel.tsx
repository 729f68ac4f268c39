/** Search in files: a view of the side panel. */
import { ChevronsDownUp, ChevronsUpDown, Eraser, RefreshCw } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { ApiError } from "@/api/errors";
import { ErrorState } from "@/components/error-state";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useSearchCommands } from "./commands";
import { nextMatch } from "./move";
import { replaceIn, replaceOne } from "./replace";
import { ResultList } from "./result-list";
import { countOf, type MatchRow, placeOf, type ResultRow, rowsOf } from "./results";
import { SearchFields } from "./search-fields";
import { SearchSummary } from "./search-summary";
import type { SearchSession } from "./session";
import { useReplace } from "./use-replace";

interface SearchPanelProps {
  session: SearchSession;
  /** Shows a match in the editor; a preview only looks at it. */
  onOpen: (path: string, place: ReturnType<typeof placeOf>, preview: boolean) => void;
  /** Brings the panel to sight, for commands that need it. */
  onReveal: () => void;
}

export function SearchPanel({ session, onOpen, onReveal }: SearchPanelProps) {
  const { t } = useTranslation("search");
  const state = useStore(session.state);
  const { fields, files, collapsed, dismissed, focused, status, error } = state;
  const rows = useMemo(() => rowsOf(files, collapsed, dismissed), [files, collapsed, dismissed]);
  const count = useMemo(() => countOf(files, dismissed), [files, dismissed]);
  const [confirming, setConfirming] = useState(false);
  const query = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const actions = useReplace(session);

  // What is wrong with the query is said below it; what else is wrong, in place of the results.
  const invalid =
    error instanceof ApiError && error.field === "pattern.query" ? error.detail : undefined;
  const replaceRefusal =
    status === "searching" || actions.pending
      ? t("replace.wait")
      : count.matches === 0 || state.request?.replacement === undefined
        ? t("replace.nothing")
        : undefined;
  const allCollapsed = rows.length > 0 && rows.every(({ kind }) => kind === "file");

  const open = (row: MatchRow, preview: boolean) => onOpen(row.file.path, placeOf(row), preview);
  const replaceRow = (row: ResultRow) => {
    if (replaceRefusal !== undefined) return;
    void actions.replace(() =>
      row.kind === "match"
        ? replaceOne(session, row.file, row.index)
        : replaceIn(session, [row.file], dismissed),
    );
  };
  const goTo = (forward: boolean) => {
    const next = nextMatch(rows, focused, forward);
    if (!next) return;
    session.focus(next.key);
    open(next, true);
  };
  const focusQuery = () => {
    onReveal();
    session.askFocus();
  };
  const { focusAsked } = state;
  useEffect(() => {
    // Where the panel was hidden, it is there after this drawing.
    if (focusAsked > 0) query.current?.select();
  }, [focusAsked]);
  const enterResults = () => {
    list.current?.focus();
  };
  useSearchCommands({
    session,
    replaceRefusal,
    hasResults: rows.length > 0,
    focusedRow: rows.find(({ key }) => key === focused),
    focusQuery,
    goTo,
    replaceAll: () => setConfirming(true),
    replaceRow,
    undoLast: actions.undoLast,
  });
  return (
    <section aria-label={t("panel")} className="flex h-full min-h-0 flex-col bg-canvas">
      <div className="flex h-9 shrink-0 items-center border-b ps-3 pe-1">
        <h2 className="min-w-0 flex-1 truncate font-medium text-ink-2">{t("panel")}</h2>
        <IconButton label={t("again")} onClick={() => void session.run()}>
          <RefreshCw />
        </IconButton>
        <IconButton
          label={t(allCollapsed ? "results.expandAll" : "results.collapseAll")}
          onClick={() => session.setAllCollapsed(!allCollapsed)}
        >
          {allCollapsed ? <ChevronsUpDown /> : <ChevronsDownUp />}
        </IconButton>
        <IconButton label={t("clear")} onClick={() => session.clear()}>
          <Eraser />
        </IconButton>
      </div>
      <search>
        <SearchFields
          session={session}
          fields={fields}
          queryRef={query}
          invalid={invalid}
          replaceRefusal={replaceRefusal}
          onReplaceAll={() => setConfirming(true)}
          onEnterResults={enterResults}
        />
      </search>
      <SearchSummary state={state} count={count} onCancel={() => session.cancel()} />
      {status === "failed" && invalid === undefined ? (
        <ErrorState error={error} onRetry={() => void session.run()} />
      ) : rows.length > 0 ? (
        <ResultList
          session={session}
          rows={rows}
          focused={focused}
          replacing={state.request?.replacement !== undefined}
          listRef={list}
          onOpen={open}
          onReplace={replaceRow}
          onLeave={() => query.current?.focus()}
        />
      ) : fields.query === "" ? (
        <p className="p-3 text-ink-3 text-sm">{t("empty")}</p>
      ) : null}
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title={t("replace.confirmTitle", { count: count.matches })}
        description={t("replace.confirm", {
          where: t("count.files", { count: count.files }),
          query: fields.query,
          replacement: state.request?.replacement ?? "",
        })}
        action={t("replace.confirmAction")}
        pending={actions.pending}
        onConfirm={() => {
          setConfirming(false);
          void actions.replace(() => replaceIn(session, files, dismissed));
        }}
      />
    </section>
  );
}
