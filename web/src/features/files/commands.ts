/** The file actions in the command palette. */
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { useCommands } from "@/lib/commands";
import { type EntryTargets, entryCommands, type PanelActions } from "./entry-commands";
import { SORT_KEYS } from "./order";
import type { TreeStore } from "./store";

interface FileCommandsInput {
  store: TreeStore;
  targets: EntryTargets;
  actions: PanelActions;
  reveal: () => void;
  onTrash: () => void;
}

export function useFileCommands({ store, targets, actions, reveal, onTrash }: FileCommandsInput) {
  const { t } = useTranslation(["workbench", "files"]);
  const { showHidden, showDetails, order } = useStore(store);
  const focusTree = () => {
    reveal();
    requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tree"]')?.focus());
  };
  const own = entryCommands(t, actions, targets)
    .flat()
    .map(({ id, title, meaningless, refused, run }) => {
      return { id, title, disabledReason: meaningless ?? refused, run };
    });
  useCommands("files", [
    { id: "file.focus", title: t("files.focus"), run: focusTree },
    ...own,
    {
      id: "file.downloadAll",
      title: t("files:menu.downloadAll"),
      run: () => actions.download([""], "zip"),
    },
    {
      id: "file.filter",
      title: t("files:filter.open"),
      run: () => {
        reveal();
        store.setFilter(store.getState().filter ?? "");
      },
    },
    {
      id: "file.toggleHidden",
      title: t(showHidden ? "files.hideHidden" : "files.showHidden"),
      run: () => store.setView({ showHidden: !showHidden }),
    },
    {
      id: "file.toggleDetails",
      title: t(showDetails ? "files:view.hideDetails" : "files:view.showDetails"),
      run: () => store.setView({ showDetails: !showDetails }),
    },
    ...SORT_KEYS.map((by) => ({
      id: `file.sort.${by}`,
      title: t(`files:view.sortBy.${by}`),
      run: () => store.setView({ order: { ...order, by } }),
    })),
    {
      id: "file.sort.reverse",
      title: t("files:view.reverse"),
      run: () => store.setView({ order: { ...order, descending: !order.descending } }),
    },
    {
      id: "file.collapseAll",
      title: t("files.collapseAll"),
      run: () => store.collapseAll(),
    },
    ...(actions.hasTrash ? [{ id: "file.trash", title: t("files:trash.open"), run: onTrash }] : []),
  ]);
}
