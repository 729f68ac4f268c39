import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { LineName } from "./specs";

/** What a line is called, in the language of the interface. */
export function useLineName(): (name: LineName) => string {
  const { t } = useTranslation("telemetry");
  return useCallback(
    ({ word, minutes, core, of }) => {
      if (minutes !== undefined) return t("line.minutes", { count: minutes });
      if (core !== undefined) return t("line.core", { number: Number(core) + 1 });
      if (word !== undefined && of) return t("line.of", { of, what: t(`line.${word}`) });
      return word === undefined ? (of ?? "") : t(`line.${word}`);
    },
    [t],
  );
}
