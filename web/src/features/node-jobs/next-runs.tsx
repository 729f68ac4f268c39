import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Select } from "@/components/ui/select";
import { currentLocale } from "@/lib/i18n";
import { ownTimeZone, timeIn } from "./cron-text";

interface NextRunsProps {
  times: readonly number[];
  /** The schedule's own. */
  timeZone: string;
  /** Only its heading, until it is opened. */
  folded?: boolean;
}

/** The next times, as the clocks of the schedule's time zone or of the reader's show them. */
export function NextRuns({ times, timeZone, folded = false }: NextRunsProps) {
  const { t } = useTranslation("jobs");
  const own = ownTimeZone();
  const [shown, setShown] = useState(timeZone);
  // Of another schedule, or changed in the form.
  const zone = shown === own || shown === "UTC" ? shown : timeZone;
  if (times.length === 0) return null;
  const choices = [...new Set([timeZone, own, "UTC"])];
  return (
    <details open={!folded} className="mt-1 text-xs">
      <summary className="w-fit cursor-default rounded-sm text-ink-2 hover:text-ink">
        {t("schedule.next")}
      </summary>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-2 pt-1">
        <ol className="tabular-nums">
          {times.map((at) => (
            <li key={at}>
              <time dateTime={new Date(at).toISOString()}>{timeIn(at, zone, currentLocale())}</time>
            </li>
          ))}
        </ol>
        {choices.length > 1 ? (
          <Select
            aria-label={t("schedule.shownIn")}
            value={zone}
            onChange={(event) => setShown(event.target.value)}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {choice}
              </option>
            ))}
          </Select>
        ) : null}
      </div>
    </details>
  );
}
