/** What the language servers found: a view of the side panel. */
import { CircleX, Info, Lightbulb, TriangleAlert } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { cn } from "@/lib/cn";
import { shownPath } from "@/lib/shown-path";
import type { TextPlace } from "../session";
import { type LanguagesStore, type Problem, SEVERITIES, type Severity } from "./store";

/** So many are listed; the worst come first. */
const PROBLEMS_MAX = 500;

interface Row {
  path: string;
  problem: Problem;
  /** The first of its file: the file's name stands above it. */
  first: boolean;
}

interface ProblemsPanelProps {
  languages: LanguagesStore;
  onOpen: (path: string, place: TextPlace) => void;
}

export function ProblemsPanel({ languages, onOpen }: ProblemsPanelProps) {
  const { t } = useTranslation("editor");
  const problems = useStore(languages, (state) => state.problems);
  const any = useStore(languages, ({ servers }) => Object.keys(servers).length > 0);
  const { rows, left } = useMemo(() => rowsOf(problems), [problems]);
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const at = Math.min(chosen, Math.max(0, rows.length - 1));
  const open = ({ path, problem }: Row) => onOpen(path, problem);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = rows[at];
    if (step !== undefined) {
      const next = Math.min(Math.max(0, at + step), rows.length - 1);
      setChosen(next);
      list.current?.querySelector(`[data-index="${next}"]`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && row) open(row);
    else return;
    event.preventDefault();
  };
  return (
    <section aria-label={t("problems.title")} className="flex h-full flex-col">
      <h2 className="flex h-9 shrink-0 items-center border-b px-3 font-medium text-ink-2 text-xs">
        {t("problems.title")}
      </h2>
      {rows.length === 0 ? (
        <p className="p-3 text-ink-2 text-sm">{t(any ? "problems.none" : "problems.noServer")}</p>
      ) : (
        <div
          ref={list}
          role="listbox"
          aria-label={t("problems.title")}
          aria-activedescendant={`problem-${at}`}
          tabIndex={0}
          onKeyDown={onKeyDown}
          className="group/problems min-h-0 flex-1 overflow-y-auto pb-2 outline-none"
        >
          {rows.map((row, index) => (
            <ProblemRow
              // The same may be said twice of one place.
              // biome-ignore lint/suspicious/noArrayIndexKey: the list is made anew as a whole.
              key={index}
              row={row}
              index={index}
              chosen={index === at}
              onOpen={() => {
                setChosen(index);
                open(row);
              }}
            />
          ))}
          {left > 0 ? (
            <p className="px-3 py-2 text-ink-2 text-xs">{t("problems.more", { count: left })}</p>
          ) : null}
        </div>
      )}
    </section>
  );
}

interface ProblemRowProps {
  row: Row;
  index: number;
  chosen: boolean;
  onOpen: () => void;
}

function ProblemRow({ row: { path, problem, first }, index, chosen, onOpen }: ProblemRowProps) {
  const { t } = useTranslation("editor");
  const shown = shownPath(path);
  const slash = shown.lastIndexOf("/");
  return (
    <>
      {first ? (
        <div
          role="presentation"
          className="flex items-baseline gap-1.5 px-3 pt-2 pb-0.5"
          title={shown}
        >
          <bdi dir="ltr" className="shrink-0 font-medium text-sm">
            {shown.slice(slash + 1)}
          </bdi>
          <bdi dir="ltr" className="min-w-0 truncate text-ink-3 text-xs">
            {shown.slice(0, Math.max(0, slash))}
          </bdi>
        </div>
      ) : null}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the list has the keys. */}
      <div
        id={`problem-${index}`}
        role="option"
        tabIndex={-1}
        aria-selected={chosen}
        data-index={index}
        onClick={onOpen}
        className={cn(
          "flex cursor-default items-start gap-2 px-3 py-1 text-sm hover:bg-hover pointer-coarse:py-2.5",
          chosen &&
            "group-focus-visible/problems:bg-selected group-focus-visible/problems:outline-1 group-focus-visible/problems:outline-focus group-focus-visible/problems:-outline-offset-1",
        )}
      >
        <SeverityIcon severity={problem.severity} />
        <span className="sr-only">{t(`problems.severity.${problem.severity}`)}</span>
        <span dir="auto" className="min-w-0 flex-1 [overflow-wrap:anywhere]">
          {problem.message}
          <bdi dir="ltr" className="ms-1.5 whitespace-nowrap text-ink-3 text-xs">
            {problem.source ? `${problem.source} ` : ""}
            {problem.line}:{problem.column}
          </bdi>
        </span>
      </div>
    </>
  );
}

function SeverityIcon({ severity }: { severity: Severity }) {
  const of = "mt-0.5 size-4 shrink-0";
  switch (severity) {
    case "error":
      return <CircleX className={cn(of, "text-bad")} aria-hidden />;
    case "warning":
      return <TriangleAlert className={cn(of, "text-warn")} aria-hidden />;
    case "info":
      return <Info className={cn(of, "text-info")} aria-hidden />;
    case "hint":
      return <Lightbulb className={cn(of, "text-ink-3")} aria-hidden />;
  }
}

/** By file; in a file the worst first, then as they stand. */
function rowsOf(problems: Readonly<Record<string, readonly Problem[]>>): {
  rows: Row[];
  left: number;
} {
  const rank = ({ severity }: Problem) => SEVERITIES.indexOf(severity);
  const rows = Object.entries(problems)
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([path, list]) =>
      [...list]
        .sort((a, b) => rank(a) - rank(b) || a.line - b.line || a.column - b.column)
        .map((problem, index) => ({ path, problem, first: index === 0 })),
    );
  return { rows: rows.slice(0, PROBLEMS_MAX), left: Math.max(0, rows.length - PROBLEMS_MAX) };
}
