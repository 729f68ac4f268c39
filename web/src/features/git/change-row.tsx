/** One row of the changes: a group's head or a file. */
import { Check, ChevronDown, ChevronRight, Minus, Plus, Undo2 } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { shownPath } from "@/lib/shown-path";
import type { ChangeRow, FileRow, GroupId } from "./groups";

/** What a row's buttons do. */
export type RowAction = "stage" | "unstage" | "discard" | "resolved";

const ACTIONS: Record<GroupId, readonly RowAction[]> = {
  conflicts: ["resolved"],
  staged: ["unstage"],
  changes: ["discard", "stage"],
  untracked: ["discard", "stage"],
};

const ICONS = { stage: Plus, unstage: Minus, discard: Undo2, resolved: Check };

const TONES: Record<string, string> = {
  "!": "text-bad",
  D: "text-bad",
  A: "text-ok",
  U: "text-ok",
  R: "text-info",
};

interface ChangeRowProps {
  row: ChangeRow;
  start: number;
  height: number;
  focused: boolean;
  onAction: (row: ChangeRow, action: RowAction) => void;
}

export const changeRowId = (key: string) => `git-row-${encodeURIComponent(key)}`;

export const ChangeItem = memo(function ChangeItem(props: ChangeRowProps) {
  const { row, start, height, focused, onAction } = props;
  const { t } = useTranslation("git");
  const name = row.kind === "group" ? t(`group.${row.group}`) : shownPath(row.file.path);
  const actions = row.kind === "group" && row.group === "conflicts" ? [] : ACTIONS[row.group];
  return (
    <div
      id={changeRowId(row.key)}
      data-key={row.key}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.kind === "group" ? 1 : 2}
      aria-selected={focused}
      {...(row.kind === "group" ? { "aria-expanded": row.open } : {})}
      aria-label={
        row.kind === "group" ? `${name} ${row.count}` : `${spoken(name)} ${stateOf(t, row)}`
      }
      className={cn(
        "group/row absolute inset-x-0 flex cursor-default items-center gap-1 pe-1 hover:bg-hover",
        row.kind === "group" ? "ps-1 font-medium text-ink-2" : "ps-5",
        focused && "bg-selected group-focus-visible/changes:outline-2",
      )}
      style={{ top: start, height }}
    >
      {row.kind === "group" ? (
        <>
          {row.open ? (
            <ChevronDown className="size-4 shrink-0" aria-hidden />
          ) : (
            <ChevronRight className="size-4 shrink-0 rtl:-scale-x-100" aria-hidden />
          )}
          <span className="min-w-0 flex-1 truncate">{name}</span>
        </>
      ) : (
        <FileName row={row} />
      )}
      {actions.map((action) => {
        const Icon = ICONS[action];
        const label = t(row.kind === "group" ? `all.${action}` : `one.${action}`, { file: name });
        return (
          <button
            key={action}
            type="button"
            tabIndex={-1}
            aria-label={label}
            title={label}
            onClick={(event) => {
              event.stopPropagation();
              onAction(row, action);
            }}
            className={cn(
              "flex size-6 shrink-0 items-center justify-center rounded-sm text-ink-2 opacity-0 pointer-coarse:size-9 pointer-coarse:opacity-100 hover:bg-selected hover:text-ink group-hover/row:opacity-100",
              focused && "opacity-100",
            )}
          >
            <Icon className="size-3.5" aria-hidden />
          </button>
        );
      })}
      <span
        aria-hidden
        // Drawn, not written: the row's name says it in words.
        data-letter={row.kind === "group" ? row.count : row.letter}
        className={cn(
          "w-5 shrink-0 text-center before:content-[attr(data-letter)] text-xs tabular-nums",
          row.kind === "group" ? "text-ink-3" : (TONES[row.letter] ?? "text-warn"),
        )}
      />
    </div>
  );
});

/** A path as its row writes it: the name first. */
function spoken(path: string): string {
  const at = path.replace(/\/$/, "").lastIndexOf("/");
  return at > 0 ? `${path.slice(at + 1)} ${path.slice(0, at)}` : path;
}

function FileName({ row }: { row: FileRow }) {
  const path = shownPath(row.file.path);
  const at = path.replace(/\/$/, "").lastIndexOf("/");
  return (
    <span className="min-w-0 flex-1 truncate" title={path}>
      <bdi className={cn(row.letter === "D" && "line-through")}>{path.slice(at + 1)}</bdi>{" "}
      {at > 0 ? (
        <bdi dir="ltr" className="ps-1.5 text-ink-3 text-xs">
          {path.slice(0, at)}
        </bdi>
      ) : null}
    </span>
  );
}

function stateOf(t: ReturnType<typeof useTranslation<"git">>["t"], row: FileRow): string {
  switch (row.letter) {
    case "!":
      return t("state.conflict");
    case "A":
      return t("state.added");
    case "D":
      return t("state.deleted");
    case "R":
    case "C":
      return t("state.renamed");
    case "U":
      return t("state.untracked");
    default:
      return t("state.modified");
  }
}
