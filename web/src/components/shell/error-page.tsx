import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ErrorState } from "../error-state";

/** What stands in place of a page that could not be shown. */
export function ErrorPage({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <main className="mx-auto max-w-lg p-6 pt-[15vh]">
      <title>{`${t("error.title")} · Atelier`}</title>
      <h1 className="px-4 font-semibold text-xl">{t("error.title")}</h1>
      <ErrorState
        error={error}
        onRetry={() => {
          onRetry();
          void router.invalidate();
        }}
      />
    </main>
  );
}
