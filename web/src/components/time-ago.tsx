import { useTranslation } from "react-i18next";
import { currentLocale } from "@/lib/i18n";
import { useNow } from "@/lib/now";
import { exactTime, relativeTime } from "@/lib/relative-time";

/** A time in words, with the exact one on hover. */
export function TimeAgo({ at }: { at: number }) {
  // Subscribes to the language, which currentLocale() reads.
  useTranslation();
  const now = useNow();
  const locale = currentLocale();
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at, locale)}>
      {relativeTime(at, Math.max(now, Math.min(at, Date.now())), locale)}
    </time>
  );
}
