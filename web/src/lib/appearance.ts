/** Theme and language as the person has set them: applied in this browser, kept on the server. */
import { useEffect } from "react";
import * as z from "zod/mini";
import { currentLanguage, type Language, setLanguage } from "./i18n";
import { definePreferences, setting, usePreferences } from "./preferences";
import { type Theme, useTheme } from "./theme";

const APPEARANCE = definePreferences("appearance", {
  theme: setting(z.optional(z.enum(["system", "light", "dark"])), undefined),
  language: setting(z.optional(z.enum(["en", "ar"])), undefined),
});

interface Appearance {
  theme: Theme;
  chooseTheme: (theme: Theme) => void;
  chooseLanguage: (language: Language) => void;
}

export function useAppearance(): Appearance {
  const { theme, setTheme } = useTheme();
  const [, change] = usePreferences(APPEARANCE);
  return {
    theme,
    chooseTheme: (chosen) => {
      setTheme(chosen);
      change({ theme: chosen });
    },
    chooseLanguage: (language) => {
      void setLanguage(language);
      change({ language });
    },
  };
}

/** Applies what was chosen on another device. What was never chosen leaves this browser as it is. */
export function useAppearanceSync(): void {
  const [{ theme, language }] = usePreferences(APPEARANCE);
  useEffect(() => {
    if (theme !== undefined && theme !== useTheme.getState().theme) {
      useTheme.getState().setTheme(theme);
    }
  }, [theme]);
  useEffect(() => {
    if (language !== undefined && language !== currentLanguage()) void setLanguage(language);
  }, [language]);
}
