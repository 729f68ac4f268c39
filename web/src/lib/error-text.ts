import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/errors";

/**
 * A part of the page that could not be fetched, in the words of Chromium and Firefox, of Safari, and of Vite.
 * `public/recover.js` reads the page anew as soon as the server answers.
 */
const MISSING_PART =
  /dynamically imported module|importing a module script failed|unable to preload css/i;

/**
 * The words for an error: the server's own, which say what happened, why, and what to do next. Our
 * own only where no server has spoken.
 */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError)) {
        const isMissingPart = error instanceof Error && MISSING_PART.test(error.message);
        return t(isMissingPart ? "error.missingPart" : "error.unexpected");
      }
      if (error.code === "network") return t("error.network");
      if (error.code === "unreadable") return t("error.unreadable");
      if (error.code === "gateway") return t("error.gateway", { status: error.status });
      return error.detail;
    },
    [t],
  );
}
