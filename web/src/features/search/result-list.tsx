/** The results: virtualized rows, one tab stop, keys and pointer as the tree pattern says. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useCallback, useRef } from "react";
import { useTranslation } from "react-i18next";
import { moveInResults } from "./move";
import { ResultItem, resultId } from "./result-row";
import type { MatchRow, ResultRow } from "./results";
import type { SearchSession } from "./session";

/** Pixels; a finger needs more room than a pointer. */
const ROW_HEIGHT = { fine: 24, coarse: 36 };

interface ResultListProps {
  session: SearchSession;
  rows: readonly ResultRow[];
  focused: string | undefined;
  replacing: boolean;
  listRef: RefObject<HTMLDivElement | null>;
  /** Opens a match; a click only looks at it. */
  onOpen: (row: MatchRow, preview: boolean) => void;
  onReplace: (row: ResultRow) => void;
  /** Goes back to the query. */
  onLeave: () => void;
}

export function ResultList(props: ResultListProps) {
  const { session, rows, focused } = props;
  const { t, i18n } = useTranslation("search");
  const scroller = useRef<HTMLDivElement>(null);
  const coarse = matchMedia("(pointer: coarse)").matches;
  const height = coarse ? ROW_HEIGHT.coarse : ROW_HEIGHT.fine;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    // A new function would have all places reckoned anew.
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 12,
  });
  const items = virtual.getVirtualItems();

  const focusOn = (row: ResultRow) => {
    session.focus(row.key);
    virtual.scrollToIndex(rows.indexOf(row));
  };
  const activate = (row: ResultRow, preview: boolean) => {
    session.focus(row.key);
    if (row.kind === "match") props.onOpen(row, preview);
    else session.toggle(row.file.path);
  };
  const onDismiss = useCallback(
    (row: ResultRow) =>
      session.dismiss(row.file.path, row.kind === "match" ? row.index : undefined),
    [session],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const row = rows.find(({ key }) => key === focused);
    if (event.key === "Enter" || event.key === " ") {
      if (row) activate(row, event.key === " ");
    } else if (event.key === "Delete") {
      if (row) onDismiss(row);
    } else if (event.key === "ArrowUp" && row === rows[0]) {
      props.onLeave();
    } else {
      const move = moveInResults(rows, focused, event.key, i18n.dir() === "rtl");
      if (!move) return;
      if (move.toggle) session.toggle(move.row.file.path);
      focusOn(move.row);
    }
    event.preventDefault();
  };
  const rowOf = (target: EventTarget) => {
    const key = (target as Element).closest("[data-key]")?.getAttribute("data-key");
    return rows.find((row) => row.key === key);
  };
  const isShown = items.some(({ index }) => rows[index]?.key === focused);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div
        ref={props.listRef}
        role="tree"
        tabIndex={0}
        aria-label={t("results.list")}
        aria-activedescendant={focused !== undefined && isShown ? resultId(focused) : undefined}
        className="group/results relative outline-none"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (focused === undefined && rows[0]) session.focus(rows[0].key);
        }}
        onClick={(event) => {
          const row = rowOf(event.target);
          if (row) activate(row, true);
        }}
        onDoubleClick={(event) => {
          const row = rowOf(event.target);
          if (row?.kind === "match") props.onOpen(row, false);
        }}
      >
        {items.map(({ index, start, key }) => {
          const row = rows[index];
          return row ? (
            <ResultItem
              key={key}
              row={row}
              start={start}
              height={height}
              focused={row.key === focused}
              replacing={props.replacing}
              onReplace={props.onReplace}
              onDismiss={onDismiss}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}
