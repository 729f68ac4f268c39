import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Language } from "@/lib/i18n";
import { dateTimeFormat } from "@/lib/intl";

/** The library of sentences is only loaded where one is shown. */
async function describe(cron: string, language: Language): Promise<string | null> {
  const [{ default: cronstrue }] = await Promise.all([
    import("cronstrue"),
    language === "ar" ? import("cronstrue/locales/ar.js") : undefined,
  ]);
  try {
    return cronstrue.toString(cron, { locale: language, use24HourTimeFormat: true });
  } catch {
    // Half typed, or something that only the control plane knows; the next times say it anyway.
    return null;
  }
}

/** A cron expression in words, in the language of the interface. */
export function useCronText(cron: string): string | null {
  const { i18n } = useTranslation();
  const language: Language = i18n.language === "ar" ? "ar" : "en";
  const { data } = useQuery({
    queryKey: ["cron-text", language, cron],
    queryFn: () => describe(cron, language),
    enabled: cron !== "",
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? null;
}

/** A time as the clocks of a time zone show it. */
export function timeIn(at: number, timeZone: string, locale: string): string {
  return dateTimeFormat(locale, {
    weekday: "short",
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    timeZone,
  }).format(at);
}

/** The reader's own time zone. */
export function ownTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** All time zones that the browser knows, UTC first. */
export function timeZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];
}
