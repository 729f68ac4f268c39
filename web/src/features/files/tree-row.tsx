/** One row of the tree. */
import { ChevronRight } from "lucide-react";
import { type CSSProperties, memo, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { dateTimeFormat } from "@/lib/intl";
import { exactTime } from "@/lib/relative-time";
import { shownPath } from "@/lib/shown-path";
import { FileIcon } from "./file-icon";
import { GIT_LETTERS, type GitMark } from "./gitDecorations";
import { letters } from "./mode";
import { visibleName } from "./names";
import { isDirectory } from "./order";
import type { FileEntry } from "./queries";
import type { EntryRow } from "./rows";

/** The step of one level, in pixels. */
const INDENT = 12;

export function rowStyle(start: number, depth: number): CSSProperties {
  return { transform: `translateY(${start}px)`, paddingInlineStart: 8 + depth * INDENT };
}

const MARK_COLOR: Record<GitMark, string> = {
  conflicted: "text-bad",
  deleted: "text-bad",
  modified: "text-warn",
  renamed: "text-info",
  added: "text-ok",
  untracked: "text-ok",
};

interface TreeItemProps {
  row: EntryRow;
  start: number;
  focused: boolean;
  /** It is among the chosen ones. */
  selected: boolean;
  /** The file that the editor shows. */
  active: boolean;
  /** It was cut, and waits to be pasted. */
  cut: boolean;
  /** Size and time stand beside the name. */
  details: boolean;
  mark: GitMark | undefined;
  dropTarget: boolean;
  /** In place of the name, while it is being changed. */
  nameField: ReactNode;
}

/** Clicks, keys and drags are the tree's: a row is only drawn again when it looks different. */
export const TreeItem = memo(function TreeItem(props: TreeItemProps) {
  const { t, i18n } = useTranslation("workbench");
  const { row, mark } = props;
  const { entry } = row;
  const directory = isDirectory(entry);
  return (
    <div
      id={treeItemId(row.path)}
      role="treeitem"
      tabIndex={-1}
      aria-level={row.depth + 1}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={directory ? row.open : undefined}
      aria-selected={props.selected}
      aria-current={props.active || undefined}
      aria-label={visibleName(entry.name)}
      aria-description={description(entry, mark ? t(`git.mark.${mark}`) : undefined)}
      data-path={row.path}
      draggable={props.nameField === undefined}
      title={titleOf(entry)}
      className={cn(
        "absolute inset-x-0 top-0 flex h-6 pointer-coarse:h-9 cursor-default select-none items-center gap-1.5 pe-2",
        "hover:bg-hover",
        (props.active || props.selected) && "bg-selected",
        props.selected &&
          "shadow-[inset_2px_0_0_var(--color-accent)] rtl:shadow-[inset_-2px_0_0_var(--color-accent)]",
        props.cut && "opacity-50",
        props.focused &&
          "outline-1 outline-focus -outline-offset-1 group-focus-visible/tree:outline-2",
        props.dropTarget && "bg-selected outline-1 outline-accent -outline-offset-1",
      )}
      style={{
        ...rowStyle(props.start, row.depth),
        // What is wrong with a name is said over the rows below.
        zIndex: props.nameField === undefined ? undefined : 10,
      }}
    >
      {directory ? (
        <ChevronRight
          // Of this folder: one that another row had would turn as it comes.
          key={row.path}
          className={cn(
            "size-3.5 shrink-0 text-ink-3 transition-transform",
            row.open ? "rotate-90" : "rtl:rotate-180",
          )}
          aria-hidden
        />
      ) : (
        <span className="size-3.5 shrink-0" />
      )}
      <FileIcon entry={entry} open={row.open} />
      {props.nameField ?? (
        <>
          <span
            className={cn(
              "min-w-0 flex-1 truncate",
              entry.name.startsWith(".") && "text-ink-2",
              mark && MARK_COLOR[mark],
            )}
          >
            <bdi dir="ltr">{visibleName(entry.name)}</bdi>
            {entry.kind === "symlink" ? (
              <bdi
                dir="ltr"
                aria-hidden
                // Drawn, as the mark is.
                data-target={afterName(visibleName(entry.target ?? ""), i18n.dir())}
                className="whitespace-pre text-ink-3 after:content-[attr(data-target)]"
              />
            ) : null}
          </span>
          {props.details ? <Details entry={entry} /> : null}
          {mark ? (
            <span
              aria-hidden
              title={t(`git.mark.${mark}`)}
              // Drawn, not written: the row's name is the file's alone.
              data-letter={directory ? "•" : GIT_LETTERS[mark]}
              className={cn(
                "shrink-0 font-mono text-xs after:content-[attr(data-letter)]",
                MARK_COLOR[mark],
              )}
            />
          ) : null}
        </>
      )}
    </div>
  );
});

/** What a link leads to stands behind its name, whichever way that is. */
function afterName(target: string, direction: string): string {
  return direction === "rtl" ? `${target} ← ` : ` → ${target}`;
}

/** What is told after the name: what a link leads to, and what Git says of it. */
function description(entry: FileEntry, mark: string | undefined): string | undefined {
  const target = entry.kind === "symlink" ? `→ ${visibleName(entry.target ?? "")}` : undefined;
  return [target, mark].filter(Boolean).join(", ") || undefined;
}

/** What hovering tells: where it is, what a link leads to, its size, time and permissions. */
function titleOf(entry: FileEntry): string {
  const locale = currentLocale();
  const target = entry.kind === "symlink" ? ` → ${visibleName(entry.target ?? "")}` : "";
  const size = isDirectory(entry) ? "" : `${formatBytes(entry.size, locale)} · `;
  const time = exactTime(entry.modified_at, locale);
  return `${visibleName(shownPath(entry.path))}${target}\n${size}${time} · ${letters(entry.mode)}`;
}

function Details({ entry }: { entry: FileEntry }) {
  const locale = currentLocale();
  const date = dateTimeFormat(locale, { dateStyle: "short" }).format(entry.modified_at);
  return (
    <span aria-hidden className="flex shrink-0 gap-3 text-ink-3 text-xs tabular-nums">
      <span>{isDirectory(entry) ? "" : formatBytes(entry.size, locale)}</span>
      <span className="w-18 text-end">{date}</span>
    </span>
  );
}

/** The element id of a row, for `aria-activedescendant`. */
export function treeItemId(path: string): string {
  return `file-${encodeURIComponent(path)}`;
}
