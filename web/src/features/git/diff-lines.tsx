/** The lines of a file's difference, which can be chosen where something can be done with them. */
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { GitFileDiff, GitHunk } from "./types";

/** No one reads more in one go, and each line costs memory in the page. */
const LINES_MAX = 5_000;

interface DiffLinesProps {
  diff: GitFileDiff;
  chosen?: ReadonlySet<number>;
  /** Chooses a line, or with `span` all from the last one on. */
  onChoose?: (line: number, span: boolean) => void;
  /** What can be done with a hunk. */
  hunkActions?: (hunk: GitHunk) => React.ReactNode;
}

const SIGN = { added: "+", removed: "-", context: " " };

export function DiffLines({ diff, chosen, onChoose, hunkActions }: DiffLinesProps) {
  const { t } = useTranslation("git");
  if (diff.truncated) return <p className="p-4 text-ink-2">{t("diff.tooLarge")}</p>;
  if (diff.binary) return <p className="p-4 text-ink-2">{t("diff.binary")}</p>;
  if (diff.hunks.length === 0) return <p className="p-4 text-ink-2">{t("diff.none")}</p>;
  const shown = diff.hunks.filter(({ first }) => first < LINES_MAX);
  return (
    <div dir="ltr" className="font-mono text-xs">
      {shown.map((hunk) => (
        <section key={hunk.first} aria-label={t("diff.hunk", { line: hunk.new_start })}>
          <div className="sticky top-0 z-10 flex items-center gap-2 border-y bg-canvas px-2 py-1 text-ink-3">
            <span className="min-w-0 flex-1 truncate">
              @@ -{hunk.old_start},{hunk.old_lines} +{hunk.new_start},{hunk.new_lines} @@{" "}
              {hunk.heading}
            </span>
            {hunkActions?.(hunk)}
          </div>
          {numbered(hunk).map(({ line, number, old, now }) => {
            const isChange = line.kind !== "context";
            const isChosen = chosen?.has(number) ?? false;
            const text = (
              <>
                <span aria-hidden className="w-10 shrink-0 select-none pe-2 text-end text-ink-3">
                  {old}
                </span>
                <span aria-hidden className="w-10 shrink-0 select-none pe-2 text-end text-ink-3">
                  {now}
                </span>
                <span aria-hidden className="w-4 shrink-0 select-none">
                  {SIGN[line.kind]}
                </span>
                {line.kind === "context" ? null : (
                  <span className="sr-only">{t(`diff.${line.kind}`)} </span>
                )}
                <span className="min-w-0 whitespace-pre-wrap break-all text-start">
                  {line.text}
                </span>
              </>
            );
            const look = cn(
              "flex w-full min-h-5 items-start px-1 leading-5",
              line.kind === "added" && "bg-ok-soft",
              line.kind === "removed" && "bg-bad-soft",
              isChosen && "shadow-[inset_3px_0_0_var(--accent)]",
            );
            return isChange && onChoose ? (
              <button
                key={number}
                type="button"
                aria-pressed={isChosen}
                className={cn(look, "hover:brightness-95")}
                onClick={(event) => onChoose(number, event.shiftKey)}
              >
                {text}
              </button>
            ) : (
              <div key={number} className={look}>
                {text}
              </div>
            );
          })}
        </section>
      ))}
      {shown.length < diff.hunks.length ? (
        <p className="p-2 text-warn">
          {t("diff.cut", { count: diff.hunks.length - shown.length })}
        </p>
      ) : null}
    </div>
  );
}

/** The lines with their numbers: in the difference, and on each side. */
function numbered(hunk: GitHunk) {
  let old = hunk.old_start;
  let now = hunk.new_start;
  return hunk.lines.map((line, index) => ({
    line,
    number: hunk.first + index,
    old: line.kind === "added" ? "" : String(old++),
    now: line.kind === "removed" ? "" : String(now++),
  }));
}
