/** The bar above the tree: what is done most, and a menu for the rest; the filter below it. */
import { ChevronsDownUp, Ellipsis, FilePlus, Filter, FolderPlus, Upload, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { IconButton } from "@/components/ui/icon-button";
import {
  Menu,
  MenuContent,
  MenuItem,
  MenuLabel,
  MenuRadioGroup,
  MenuRadioItem,
  MenuSeparator,
  MenuTrigger,
} from "@/components/ui/menu";
import type { PanelActions } from "./entry-commands";
import { SORT_KEYS, type SortKey } from "./order";
import type { TreeStore } from "./store";

interface PanelBarProps {
  store: TreeStore;
  /** Where a new entry goes. */
  here: string;
  actions: PanelActions;
  onTrash: () => void;
  /** The keyboard goes on in the tree. */
  onLeaveFilter: () => void;
}

export function PanelBar({ store, here, actions, onTrash, onLeaveFilter }: PanelBarProps) {
  const { t } = useTranslation(["workbench", "files"]);
  const filter = useStore(store, (state) => state.filter);
  const refused = actions.refusal();
  return (
    <>
      <div className="flex h-9 shrink-0 items-center border-b ps-3 pe-1">
        <h2 className="min-w-0 flex-1 truncate font-medium text-ink-2">{t("files.panel")}</h2>
        <IconButton
          label={t("files.newFile")}
          disabledReason={refused}
          onClick={() => actions.create(here, "file")}
        >
          <FilePlus />
        </IconButton>
        <IconButton
          label={t("files.newFolder")}
          disabledReason={refused}
          onClick={() => actions.create(here, "directory")}
        >
          <FolderPlus />
        </IconButton>
        <IconButton
          label={t("files.upload")}
          disabledReason={refused}
          onClick={() => actions.upload(here, "files")}
        >
          <Upload />
        </IconButton>
        <IconButton
          label={t("files:filter.open")}
          aria-pressed={filter !== undefined}
          onClick={() => store.setFilter(filter === undefined ? "" : undefined)}
        >
          <Filter />
        </IconButton>
        <IconButton label={t("files.collapseAll")} onClick={() => store.collapseAll()}>
          <ChevronsDownUp />
        </IconButton>
        <MoreMenu store={store} here={here} actions={actions} onTrash={onTrash} />
      </div>
      {filter === undefined ? null : (
        <FilterField value={filter} store={store} onLeave={onLeaveFilter} />
      )}
    </>
  );
}

type MoreMenuProps = Omit<PanelBarProps, "onLeaveFilter">;

function MoreMenu({ store, here, actions, onTrash }: MoreMenuProps) {
  const { t } = useTranslation(["workbench", "files"]);
  const { showHidden, showDetails, order } = useStore(store);
  return (
    <Menu>
      <MenuTrigger asChild>
        <IconButton label={t("files:view.more")}>
          <Ellipsis />
        </IconButton>
      </MenuTrigger>
      <MenuContent align="end">
        <MenuItem
          disabledReason={actions.refusal()}
          onSelect={() => actions.upload(here, "folder")}
        >
          {t("files:menu.uploadFolder")}
        </MenuItem>
        <MenuItem onSelect={() => actions.download([""], "zip")}>
          {t("files:menu.downloadAll")}
        </MenuItem>
        <MenuItem onSelect={() => actions.refresh("")}>{t("files.refresh")}</MenuItem>
        {actions.hasTrash ? <MenuItem onSelect={onTrash}>{t("files:trash.open")}</MenuItem> : null}
        <MenuSeparator />
        <MenuItem onSelect={() => store.setView({ showHidden: !showHidden })}>
          {t(showHidden ? "files.hideHidden" : "files.showHidden")}
        </MenuItem>
        <MenuItem onSelect={() => store.setView({ showDetails: !showDetails })}>
          {t(showDetails ? "files:view.hideDetails" : "files:view.showDetails")}
        </MenuItem>
        <MenuSeparator />
        <MenuLabel>{t("files:view.sort")}</MenuLabel>
        <MenuRadioGroup
          value={order.by}
          onValueChange={(by) => store.setView({ order: { ...order, by: by as SortKey } })}
        >
          {SORT_KEYS.map((by) => (
            <MenuRadioItem key={by} value={by}>
              {t(`files:view.by.${by}`)}
            </MenuRadioItem>
          ))}
        </MenuRadioGroup>
        <MenuItem
          onSelect={() => store.setView({ order: { ...order, descending: !order.descending } })}
        >
          {t("files:view.reverse")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}

interface FilterFieldProps {
  value: string;
  store: TreeStore;
  onLeave: () => void;
}

function FilterField({ value, store, onLeave }: FilterFieldProps) {
  const { t } = useTranslation("files");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const close = () => {
    store.setFilter(undefined);
    onLeave();
  };
  return (
    <search className="flex h-9 shrink-0 items-center gap-1 border-b px-2">
      <input
        ref={field}
        dir="auto"
        value={value}
        aria-label={t("filter.label")}
        placeholder={t("filter.label")}
        spellCheck={false}
        className="h-7 min-w-0 flex-1 rounded-md border border-line-strong bg-surface px-2"
        onChange={(event) => store.setFilter(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") close();
          else if (event.key === "ArrowDown" || event.key === "Enter") onLeave();
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      />
      <IconButton label={t("filter.close")} onClick={close}>
        <X />
      </IconButton>
    </search>
  );
}
