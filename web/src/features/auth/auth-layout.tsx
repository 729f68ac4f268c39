import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage, LANGUAGES, type Language, setLanguage } from "@/lib/i18n";

interface AuthLayoutProps {
  title: string;
  description?: string;
  children: ReactNode;
}

/** The frame of the pages for people who are not signed in. */
export function AuthLayout({ title, description, children }: AuthLayoutProps) {
  const { t } = useTranslation();
  return (
    <div className="flex min-h-dvh flex-col bg-surface">
      <main className="mx-auto flex w-full max-w-sm flex-1 flex-col justify-center px-6 py-10">
        <title>{`${title} · Atelier`}</title>
        <p className="mb-6 flex items-center gap-2 font-semibold text-base">
          <img src="/icon.svg" alt="" className="size-6" />
          Atelier
        </p>
        <h1 className="font-semibold text-xl">{title}</h1>
        {description ? <p className="mt-1 text-base text-ink-2">{description}</p> : null}
        <div className="mt-6">{children}</div>
      </main>
      <footer>
        <fieldset className="flex justify-center gap-4 p-6">
          <legend className="sr-only">{t("language.label")}</legend>
          {Object.entries(LANGUAGES).map(([language, name]) => (
            <button
              key={language}
              type="button"
              lang={language}
              aria-pressed={language === currentLanguage()}
              onClick={() => void setLanguage(language as Language)}
              className="text-ink-2 text-xs hover:text-ink aria-pressed:font-semibold aria-pressed:text-accent-text"
            >
              {name}
            </button>
          ))}
        </fieldset>
      </footer>
    </div>
  );
}
