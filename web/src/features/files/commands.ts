/** The file actions in the command palette. */
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useCommands } from "@/lib/commands";
import type { TreeStore } from "./store";
import { type EntryRow, isDirectory } from "./tree";
import type { TreeMenuActions } from "./tree-menu";

interface FileCommandsInput {
  store: TreeStore;
  focusedRow: EntryRow | undefined;
  /** Where a new entry goes. */
  here: string;
  menu: TreeMenuActions;
  /** Why nothing, or not this one, may be changed. */
  refusal: (row?: EntryRow) => string | undefined;
  reveal: () => void;
}

export function useFileCommands({
  store,
  focusedRow,
  here,
  menu,
  refusal,
  reveal,
}: FileCommandsInput): void {
  const { t } = useTranslation("workbench");
  const showHidden = useStore(store, (state) => state.showHidden);
  const section = t("section.files");
  const none = focusedRow ? undefined : t("files.noneFocused");
  const onRow = (id: string, title: string, act: (row: EntryRow) => void, reason = none) => ({
    id,
    title,
    section,
    disabledReason: reason,
    run: () => focusedRow && act(focusedRow),
  });
  const focusTree = () => {
    reveal();
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tree"]')?.focus());
  };
  const folder = focusedRow && isDirectory(focusedRow.entry) ? t("files.isFolder") : none;
  useCommands([
    { id: "file.focus", title: t("files.focus"), section, run: focusTree },
    {
      id: "file.create",
      title: t("files.newFile"),
      section,
      disabledReason: refusal(),
      run: () => menu.create(here, "file"),
    },
    {
      id: "directory.create",
      title: t("files.newFolder"),
      section,
      disabledReason: refusal(),
      run: () => menu.create(here, "directory"),
    },
    {
      id: "file.upload",
      title: t("files.upload"),
      section,
      disabledReason: refusal(),
      run: () => menu.upload(here),
    },
    onRow("file.download", t("files.download"), menu.download, folder),
    onRow("file.rename", t("files.rename"), menu.rename, none ?? refusal(focusedRow)),
    onRow("file.delete", t("files.delete"), menu.remove, none ?? refusal(focusedRow)),
    onRow("file.copyPath", t("files.copyPath"), (row) => menu.copyPath(row.path)),
    {
      id: "file.toggleHidden",
      title: t(showHidden ? "files.hideHidden" : "files.showHidden"),
      section,
      run: menu.toggleHidden,
    },
    {
      id: "file.collapseAll",
      title: t("files.collapseAll"),
      section,
      run: () => store.collapseAll(),
    },
    { id: "file.refresh", title: t("files.refresh"), section, run: () => menu.refresh("") },
  ]);
}
