import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { buttonClass } from "../ui/button";

/** For addresses that lead nowhere. */
export function NotFoundPage() {
  const { t } = useTranslation();
  return (
    <main className="mx-auto flex max-w-md flex-col items-start gap-3 p-6 pt-[15vh]">
      <p className="font-mono text-ink-3">404</p>
      <h1 className="font-semibold text-xl">{t("notFound.title")}</h1>
      <p className="text-base text-ink-2">{t("notFound.detail")}</p>
      <Link to="/" className={buttonClass({ variant: "primary" })}>
        {t("notFound.home")}
      </Link>
    </main>
  );
}
