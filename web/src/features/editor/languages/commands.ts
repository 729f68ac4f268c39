/** The language servers' actions in the command palette. */
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { type Command, useCommands } from "@/lib/commands";
import type { EditorSession } from "../session";
import { type ServerAction, useServerAction } from "./actions";
import type { LanguagesStore } from "./store";

export function useLanguageCommands(session: EditorSession, languages: LanguagesStore): void {
  const { t } = useTranslation("editor");
  const activePath = useStore(session.state, (state) => state.activePath);
  const key = useStore(languages, ({ serverOf }) => serverOf[activePath ?? ""]);
  const server = useStore(languages, ({ servers }) => servers[key ?? ""]);
  const any = useStore(languages, ({ servers }) => Object.keys(servers).length > 0);
  const act = useServerAction(session.host);
  const none = server ? undefined : t("languages.none");
  const notReady = none ?? (server?.state === "ready" ? undefined : t("languages.notReady"));
  const onServer = (
    action: ServerAction,
    title: string,
    disabledReason: string | undefined,
  ): Command => ({
    id: `languages.${action}`,
    title,
    disabledReason: none ?? disabledReason,
    run: () => server && act.mutate({ server, action }),
  });
  useCommands("languages", [
    {
      id: "languages.symbols",
      title: t("symbols.title"),
      disabledReason: any ? undefined : t("languages.none"),
      run: () => languages.setState({ list: "symbols" }),
    },
    {
      id: "languages.calls",
      title: t("calls.title"),
      disabledReason: notReady,
      run: () => languages.setState({ list: "calls" }),
    },
    {
      id: "languages.log",
      title: t("languages.showLog"),
      disabledReason: none,
      run: () => languages.setState({ logOf: key }),
    },
    onServer("restart", t("languages.restart"), undefined),
    onServer("stop", t("languages.stop"), undefined),
    onServer(
      "install",
      t("languages.installAny"),
      server?.state === "ready"
        ? t("languages.installed")
        : server?.installs == null
          ? t("languages.notInstallable")
          : undefined,
    ),
  ]);
}
