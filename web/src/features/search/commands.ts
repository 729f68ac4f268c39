/** Everything that the search can do, for the command palette. */
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "@/lib/commands";
import type { ResultRow } from "./results";
import type { SearchSession } from "./session";

interface SearchCommands {
  session: SearchSession;
  /** Why nothing can be replaced now. */
  replaceRefusal: string | undefined;
  hasResults: boolean;
  focusedRow: ResultRow | undefined;
  focusQuery: () => void;
  goTo: (forward: boolean) => void;
  replaceAll: () => void;
  replaceRow: (row: ResultRow) => void;
  undoLast: (() => Promise<void>) | undefined;
}

export function useSearchCommands(search: SearchCommands): void {
  const { t } = useTranslation("search");
  const { session, focusedRow } = search;
  const { fields, status } = session.state.getState();
  const none = search.hasResults ? undefined : t("results.none");
  const notFocused = focusedRow ? undefined : t("results.noneChosen");
  const toggle = (field: "caseSensitive" | "word" | "regex" | "hidden" | "ignored") => () =>
    session.set({ [field]: !fields[field] });
  const commands: Command[] = [
    {
      id: "search.replace",
      title: t("command.replace"),
      shortcut: "Mod+Shift+H",
      run: () => {
        session.set({ replacing: true });
        search.focusQuery();
      },
    },
    { id: "search.again", title: t("again"), run: () => void session.run() },
    {
      id: "search.cancel",
      title: t("command.cancel"),
      disabledReason: status === "searching" ? undefined : t("command.notSearching"),
      run: () => session.cancel(),
    },
    { id: "search.clear", title: t("command.clear"), run: () => session.clear() },
    {
      id: "search.next",
      title: t("command.next"),
      shortcut: "F4",
      disabledReason: none,
      run: () => search.goTo(true),
    },
    {
      id: "search.previous",
      title: t("command.previous"),
      shortcut: "Shift+F4",
      disabledReason: none,
      run: () => search.goTo(false),
    },
    {
      id: "search.collapse",
      title: t("results.collapseAll"),
      disabledReason: none,
      run: () => session.setAllCollapsed(true),
    },
    {
      id: "search.expand",
      title: t("results.expandAll"),
      disabledReason: none,
      run: () => session.setAllCollapsed(false),
    },
    ...(
      [
        ["caseSensitive", "field.case"],
        ["word", "field.word"],
        ["regex", "field.regex"],
        ["hidden", "field.hidden"],
        ["ignored", "field.ignored"],
      ] as const
    ).map(([field, text]) => ({
      id: `search.toggle.${field}`,
      title: t("command.toggle", { what: t(text) }),
      run: toggle(field),
    })),
    {
      id: "search.details",
      title: t("field.showDetails"),
      run: () => {
        session.set({ details: true });
        search.focusQuery();
      },
    },
    {
      id: "search.replaceOne",
      title: t("command.replaceChosen"),
      disabledReason: search.replaceRefusal ?? notFocused,
      run: () => focusedRow && search.replaceRow(focusedRow),
    },
    {
      id: "search.replaceAll",
      title: t("replace.all"),
      disabledReason: search.replaceRefusal,
      run: search.replaceAll,
    },
    {
      id: "search.undo",
      title: t("command.undo"),
      disabledReason: search.undoLast ? undefined : t("command.nothingToUndo"),
      run: () => void search.undoLast?.(),
    },
  ];
  useCommands("search", commands);
}
