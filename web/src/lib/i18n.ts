import i18next, { type BackendModule } from "i18next";
import { initReactI18next } from "react-i18next";

/** The languages of the interface, each named in itself. */
export const LANGUAGES = { en: "English", ar: "العربية" } as const;

export type Language = keyof typeof LANGUAGES;

const KEY = "atelier.language";

// One chunk for each language and namespace, loaded when a page first asks for it.
const files = import.meta.glob<{ default: Record<string, unknown> }>("../locales/*/*.json");

const lazyFiles: BackendModule = {
  type: "backend",
  init() {},
  read(language, namespace, done) {
    const load = files[`../locales/${language}/${namespace}.json`];
    if (!load) {
      done(new Error(`no texts for ${language}/${namespace}`), false);
      return;
    }
    load().then(
      (file) => done(null, file.default),
      (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), false),
    );
  },
};

function applyDirection(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
}

/** Starts with the language that `boot.js` has chosen; resolves when the first texts are there. */
export async function startI18n(): Promise<void> {
  const language: Language = document.documentElement.lang === "ar" ? "ar" : "en";
  applyDirection(language);
  await i18next
    .use(lazyFiles)
    .use(initReactI18next)
    .init({
      lng: language,
      // No fallback language: a test proves that every language has every text.
      fallbackLng: false,
      supportedLngs: Object.keys(LANGUAGES),
      ns: ["common"],
      defaultNS: "common",
      interpolation: { escapeValue: false },
    });
}

/** Changes the language of the interface, and its direction, and remembers it in this browser. */
export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(KEY, language);
  await i18next.changeLanguage(language);
  applyDirection(language);
}

/** The current language. */
export function currentLanguage(): Language {
  return i18next.language === "ar" ? "ar" : "en";
}

/** For Intl: Latin digits in every language, because they stand beside code and addresses. */
export function currentLocale(): string {
  return currentLanguage() === "ar" ? "ar-u-nu-latn" : "en";
}

/** Loads namespaces' texts; for route loaders, so that no page shows before its words. */
export async function loadTexts(...namespaces: string[]): Promise<void> {
  await i18next.loadNamespaces(namespaces);
}
