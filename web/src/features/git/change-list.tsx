/** The changes of a repository: virtualized rows, one tab stop. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ChangeItem, changeRowId, type RowAction } from "./change-row";
import { type ChangeRow, type GroupId, rowsOf } from "./groups";
import type { GitSession } from "./session";
import type { GitStatus } from "./types";
import type { GitActions } from "./use-git";

/** Pixels; a finger needs more room than a pointer. */
const ROW_HEIGHT = { fine: 24, coarse: 40 };

interface ChangeListProps {
  status: GitStatus;
  session: GitSession;
  actions: GitActions;
}

export function ChangeList({ status, session, actions }: ChangeListProps) {
  const { t } = useTranslation("git");
  const [closed, setClosed] = useState<ReadonlySet<GroupId>>(new Set());
  const [focused, setFocused] = useState<string>();
  const rows = useMemo(() => rowsOf(status.files, closed), [status.files, closed]);
  const scroller = useRef<HTMLDivElement>(null);
  const coarse = matchMedia("(pointer: coarse)").matches;
  const height = coarse ? ROW_HEIGHT.coarse : ROW_HEIGHT.fine;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 12,
  });
  const toggle = (group: GroupId) => {
    const next = new Set(closed);
    if (!next.delete(group)) next.add(group);
    setClosed(next);
  };
  const open = (row: ChangeRow) => {
    setFocused(row.key);
    if (row.kind === "group") toggle(row.group);
    else if (row.group === "conflicts") {
      session.setState({ view: { kind: "conflict", file: row.file.path } });
    } else {
      const scope = row.group === "staged" ? "staged" : "unstaged";
      const untracked = row.group === "untracked";
      session.setState({ view: { kind: "diff", file: row.file.path, scope, untracked } });
    }
  };
  const act = useCallback(
    (row: ChangeRow, action: RowAction) => {
      const paths =
        row.kind === "file"
          ? [row.file.path]
          : rowsOf(status.files, new Set()).flatMap((other) =>
              other.kind === "file" && other.group === row.group ? [other.file.path] : [],
            );
      if (action === "stage") void actions.stage(paths);
      else if (action === "unstage") void actions.unstage(paths);
      else if (action === "discard") void actions.discard(paths);
      else void actions.resolve(paths, "marked");
    },
    [actions, status.files],
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = rows.findIndex(({ key }) => key === focused);
    const row = rows[at];
    const moves: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: rows.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) {
      const next = rows[Math.max(0, Math.min(rows.length - 1, to))];
      if (next) {
        setFocused(next.key);
        virtual.scrollToIndex(rows.indexOf(next));
      }
    } else if (!row) return;
    else if (event.key === "Enter") open(row);
    else if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      if (row.kind === "group") toggle(row.group);
    } else if (event.key === " ") {
      if (row.group === "staged") act(row, "unstage");
      else if (row.group !== "conflicts") act(row, "stage");
    } else if (event.key === "Delete") {
      if (row.group === "changes" || row.group === "untracked") act(row, "discard");
    } else return;
    event.preventDefault();
  };
  const items = virtual.getVirtualItems();
  const isShown = items.some(({ index }) => rows[index]?.key === focused);
  if (rows.length === 0) return <p className="p-3 text-ink-3 text-sm">{t("changes.none")}</p>;
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto">
      <div
        role="tree"
        tabIndex={0}
        aria-label={t("changes.list")}
        aria-activedescendant={focused && isShown ? changeRowId(focused) : undefined}
        className="group/changes relative outline-none"
        style={{ height: virtual.getTotalSize() }}
        onKeyDown={onKeyDown}
        onFocus={() => {
          if (focused === undefined && rows[0]) setFocused(rows[0].key);
        }}
        onClick={(event) => {
          const key = (event.target as Element).closest("[data-key]")?.getAttribute("data-key");
          const row = rows.find((other) => other.key === key);
          if (row) open(row);
        }}
      >
        {items.map(({ index, start, key }) => {
          const row = rows[index];
          return row ? (
            <ChangeItem
              key={key}
              row={row}
              start={start}
              height={height}
              focused={row.key === focused}
              onAction={act}
            />
          ) : null;
        })}
      </div>
      {status.truncated ? <p className="p-3 text-warn text-xs">{t("changes.truncated")}</p> : null}
    </div>
  );
}
