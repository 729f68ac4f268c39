import { useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useAppearance } from "@/lib/appearance";
import { openPalette, useCommandStore, useCommands } from "@/lib/commands";
import { LANGUAGES, type Language } from "@/lib/i18n";
import { useSignOut } from "./person-menu";
import { PLACES } from "./places";

/** Registers what can be done from every page. */
export function useShellCommands(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const inWorkspace = useParams({ strict: false }).workspaceId !== undefined;
  const { chooseTheme, chooseLanguage } = useAppearance();
  const signOut = useSignOut();
  useCommands("workspaces", [
    {
      id: "workspace.switch",
      title: t("palette.switchWorkspace"),
      shortcut: "Mod+Shift+O",
      run: () => useCommandStore.getState().setOverlay("switcher"),
    },
    {
      // The dashboard registers it again, with why it may not be possible.
      id: "workspace.create",
      title: t("palette.createWorkspace"),
      shortcut: "Alt+N",
      run: () => void navigate({ to: "/", search: { create: true } }),
    },
  ]);
  useCommands("go", [
    {
      id: "palette.open",
      title: t("palette.open"),
      // A terminal has its own use for the first.
      shortcut: ["Mod+K", "F1", "Mod+Shift+P"],
      run: openPalette,
    },
    {
      id: "shortcuts.open",
      title: t("shortcuts.open"),
      shortcut: "Mod+Shift+?",
      run: () => useCommandStore.getState().setOverlay("shortcuts"),
    },
    ...PLACES.map(({ to, label }) => ({
      id: `go.${to}`,
      title: t(label),
      ...(to === "/settings" ? { shortcut: "Mod+," } : {}),
      run: () => {
        // In a workspace they open over it: whoever changes the font wants to see it.
        if (to === "/settings" && inWorkspace) useCommandStore.getState().setOverlay("settings");
        else void navigate({ to });
      },
    })),
  ]);
  useCommands("appearance", [
    ...(["system", "light", "dark"] as const).map((theme) => ({
      id: `theme.${theme}`,
      title: `${t("theme.label")}: ${t(`theme.${theme}`)}`,
      run: () => chooseTheme(theme),
    })),
    ...Object.entries(LANGUAGES).map(([language, name]) => ({
      id: `language.${language}`,
      title: `${t("language.label")}: ${name}`,
      run: () => chooseLanguage(language as Language),
    })),
  ]);
  useCommands("account", [
    {
      id: "session.delete",
      title: t("person.signOut"),
      run: signOut,
    },
  ]);
}
