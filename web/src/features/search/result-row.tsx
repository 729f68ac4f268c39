/** One row of the results: a file with how much was found in it, or a match in its line. */
import { ChevronRight, Replace, ReplaceAll, X } from "lucide-react";
import { memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { shownPath } from "@/lib/shown-path";
import { cutLine, type FileRow, type MatchRow, type ResultRow } from "./results";

interface RowProps {
  row: ResultRow;
  start: number;
  height: number;
  focused: boolean;
  /** Matches can be replaced: each shows what it becomes. */
  replacing: boolean;
  onReplace: (row: ResultRow) => void;
  onDismiss: (row: ResultRow) => void;
}

/** Clicks on the row and keys are the list's; only the small buttons are the row's own. */
export const ResultItem = memo(function ResultItem(props: RowProps) {
  const { row, start, height, focused } = props;
  const { t } = useTranslation("search");
  const file = row.kind === "file";
  return (
    <div
      id={resultId(row.key)}
      role="treeitem"
      tabIndex={-1}
      aria-level={file ? 1 : 2}
      aria-expanded={file ? row.open : undefined}
      aria-selected={focused}
      aria-label={labelOf(row, props.replacing)}
      data-key={row.key}
      className={cn(
        "group/row absolute inset-x-0 top-0 flex cursor-default select-none items-center gap-1.5 pe-1 hover:bg-hover",
        file ? "ps-2" : "ps-8",
        focused &&
          "bg-selected outline-1 outline-focus -outline-offset-1 group-focus-visible/results:outline-2",
      )}
      style={{ transform: `translateY(${start}px)`, height }}
    >
      {file ? <FileLabel row={row} /> : <MatchLabel row={row} replacing={props.replacing} />}
      <span
        className={cn(
          "hidden shrink-0 items-center group-hover/row:flex pointer-coarse:flex",
          focused && "flex",
        )}
      >
        {props.replacing ? (
          <RowButton
            label={t(file ? "replace.inFile" : "replace.one")}
            onClick={() => props.onReplace(row)}
          >
            {file ? <ReplaceAll /> : <Replace />}
          </RowButton>
        ) : null}
        <RowButton label={t("results.dismiss")} onClick={() => props.onDismiss(row)}>
          <X />
        </RowButton>
      </span>
    </div>
  );
});

function RowButton(props: { label: string; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      // The list is one stop of the Tab key; keys reach the same through the commands.
      tabIndex={-1}
      aria-label={props.label}
      title={props.label}
      className="flex size-6 items-center justify-center rounded-sm text-ink-2 hover:bg-selected hover:text-ink pointer-coarse:size-8 [&_svg]:size-3.5"
      onClick={(event) => {
        event.stopPropagation();
        props.onClick();
      }}
    >
      {props.children}
    </button>
  );
}

function FileLabel({ row }: { row: FileRow }) {
  const path = shownPath(row.file.path);
  const slash = path.lastIndexOf("/");
  return (
    <>
      <ChevronRight
        className={cn(
          "size-3.5 shrink-0 text-ink-3 transition-transform",
          row.open ? "rotate-90" : "rtl:rotate-180",
        )}
        aria-hidden
      />
      <span className="flex min-w-0 flex-1 items-baseline gap-1.5" title={path}>
        <bdi dir="ltr" className="max-w-full shrink-0 truncate font-medium">
          {path.slice(slash + 1)}
        </bdi>{" "}
        <bdi dir="ltr" className="min-w-0 truncate text-ink-3 text-xs">
          {path.slice(0, Math.max(0, slash))}
        </bdi>
      </span>
      <span
        aria-hidden
        // Drawn, not written: the row's name says it.
        data-count={countOf(row)}
        className="shrink-0 rounded-full bg-hover px-1.5 text-ink-2 text-xs tabular-nums before:content-[attr(data-count)]"
      />
    </>
  );
}

function MatchLabel({ row, replacing }: { row: MatchRow; replacing: boolean }) {
  const { before, found, after } = cutLine(row.line, row.match);
  const { replacement } = row.match;
  return (
    <span
      dir="ltr"
      className="min-w-0 flex-1 truncate whitespace-pre text-left font-mono text-xs"
      title={row.line.text.slice(0, 500)}
    >
      {before}
      {replacing && replacement !== undefined && replacement !== null ? (
        <>
          <del className="rounded-xs bg-bad-soft text-bad">{found}</del>
          {/* Takes no room, and keeps the two words apart. */}
          <span className="text-[0px]"> </span>
          <ins className="rounded-xs bg-ok-soft text-ok no-underline">
            {shownReplacement(replacement)}
          </ins>
        </>
      ) : (
        <mark className="rounded-xs bg-warn-soft text-ink outline-1 outline-warn">{found}</mark>
      )}
      {after}
    </span>
  );
}

function countOf(row: FileRow): string {
  return `${row.matches}${row.file.truncated ? "+" : ""}`;
}

function shownReplacement(replacement: string): string {
  return replacement.replaceAll("\n", "↵");
}

/** What is heard of a row: what is written in it, in the same order, and what is drawn. */
function labelOf(row: ResultRow, replacing: boolean): string {
  if (row.kind === "file") {
    const path = shownPath(row.file.path);
    const slash = path.lastIndexOf("/");
    const name = `${path.slice(slash + 1)} ${path.slice(0, Math.max(0, slash))}`.trimEnd();
    return `${name} (${countOf(row)})`;
  }
  const { before, found, after } = cutLine(row.line, row.match);
  const { replacement } = row.match;
  const becomes = replacing && replacement != null ? ` → ${shownReplacement(replacement)}` : "";
  return `${row.line.number}: ${before}${found}${becomes}${after}`;
}

/** The element id of a row, for `aria-activedescendant`. */
export function resultId(key: string): string {
  return `found-${encodeURIComponent(key)}`;
}
