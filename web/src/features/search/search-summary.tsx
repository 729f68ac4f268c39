/** What a search came to, or how far it is: one line, and below it what was left out. */
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { shownPath } from "@/lib/shown-path";
import type { SearchState } from "./session";

interface SearchSummaryProps {
  state: SearchState;
  count: { files: number; matches: number };
  onCancel: () => void;
}

export function SearchSummary({ state, count, onCancel }: SearchSummaryProps) {
  const { t } = useTranslation("search");
  const { status, summary, searched, fields } = state;
  const searching = status === "searching";
  if (status === "idle" || status === "failed") return null;
  const matches = t("count.matches", { count: count.matches });
  const files = t("count.files", { count: count.files });
  return (
    <div className="flex flex-col gap-0.5 border-b px-3 py-1.5 text-ink-2 text-xs">
      <div className="flex min-h-6 items-center gap-2">
        <output className="min-w-0 flex-1" aria-live="polite">
          {count.matches > 0
            ? t("summary.found", { matches, files })
            : searching
              ? t("summary.searching")
              : t("summary.nothing", { query: fields.query })}
          {searching && searched > 0 ? ` · ${t("summary.searched", { count: searched })}` : null}
        </output>
        {searching ? (
          <Button size="sm" variant="ghost" onClick={onCancel}>
            {t("cancel")}
          </Button>
        ) : null}
      </div>
      {summary ? <LeftOut summary={summary} /> : null}
      {status === "done" && !summary ? <p>{t("summary.cancelled")}</p> : null}
    </div>
  );
}

function LeftOut({ summary }: { summary: NonNullable<SearchState["summary"]> }) {
  const { t } = useTranslation("search");
  const paths = summary.unreadable_paths ?? [];
  return (
    <>
      {summary.limit ? <p className="text-warn">{t(`limit.${summary.limit}`)}</p> : null}
      {summary.binary > 0 ? <p>{t("summary.binary", { count: summary.binary })}</p> : null}
      {summary.too_long > 0 ? <p>{t("summary.tooLong", { count: summary.too_long })}</p> : null}
      {summary.unreadable > 0 ? (
        <details>
          <summary className="cursor-default">
            {t("summary.unreadable", { count: summary.unreadable })}
          </summary>
          <ul className="ps-3">
            {paths.map(({ path, reason }) => (
              <li key={path} className="break-words">
                <bdi dir="ltr">{shownPath(path)}</bdi> <bdi>{reason}</bdi>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}
