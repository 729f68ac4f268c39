import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/errors";

/**
 * The words for an error: the server's own, which say what happened, why, and what to do next. Our
 * own only where no server has spoken.
 */
export function useErrorText(): (error: unknown) => string {
  const { t } = useTranslation();
  return useCallback(
    (error) => {
      if (!(error instanceof ApiError)) return t("error.unexpected");
      if (error.code === "network") return t("error.network");
      if (error.code === "gateway") return t("error.gateway", { status: error.status });
      return error.detail;
    },
    [t],
  );
}
