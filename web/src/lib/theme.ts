import { useSyncExternalStore } from "react";
import { create } from "zustand";

/** What a person can choose. */
export type Theme = "system" | "light" | "dark";

const KEY = "atelier.theme";

function stored(): Theme {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
}

interface ThemeState {
  theme: Theme;
  setTheme: (theme: Theme) => void;
}

/** The chosen theme, kept in this browser. `boot.js` applies it before the first paint. */
export const useTheme = create<ThemeState>((set) => ({
  theme: stored(),
  setTheme: (theme) => {
    if (theme === "system") {
      localStorage.removeItem(KEY);
      delete document.documentElement.dataset.theme;
    } else {
      localStorage.setItem(KEY, theme);
      document.documentElement.dataset.theme = theme;
    }
    set({ theme });
  },
}));

function subscribeToSystem(changed: () => void): () => void {
  const query = matchMedia("(prefers-color-scheme: dark)");
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

/** Light or dark as it is now, for parts that do not paint with CSS (Monaco, xterm). */
export function useResolvedTheme(): "light" | "dark" {
  const theme = useTheme((state) => state.theme);
  const systemDark = useSyncExternalStore(
    subscribeToSystem,
    () => matchMedia("(prefers-color-scheme: dark)").matches,
  );
  if (theme !== "system") return theme;
  return systemDark ? "dark" : "light";
}
