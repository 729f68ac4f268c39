/** The menu of a row, and of the space below the rows. */
import {
  ClipboardCopy,
  Download,
  Eye,
  EyeOff,
  FilePlus,
  FolderPlus,
  Pencil,
  RefreshCw,
  Trash2,
  Upload,
} from "lucide-react";
import { ContextMenu } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { parentOf } from "./paths";
import { type EntryRow, isDirectory, type TreeRow } from "./tree";

export interface TreeMenuActions {
  open: (row: EntryRow) => void;
  create: (parent: string, entry: "file" | "directory") => void;
  upload: (directory: string) => void;
  download: (row: EntryRow) => void;
  rename: (row: EntryRow) => void;
  remove: (row: EntryRow) => void;
  copyPath: (path: string) => void;
  refresh: (directory: string) => void;
  toggleHidden: () => void;
}

interface TreeMenuProps {
  rows: readonly TreeRow[];
  focused: string | undefined;
  showHidden: boolean;
  /** Why nothing, or not this one, may be changed. */
  refusal: (row?: EntryRow) => string | undefined;
  actions: TreeMenuActions;
  children: ReactNode;
}

export function TreeMenu(props: TreeMenuProps) {
  const { rows, focused, showHidden, refusal, actions, children } = props;
  const { t } = useTranslation("workbench");
  const [path, setPath] = useState("");
  const chosen = useRef<() => void>(undefined);
  const row = rows.find(
    (other): other is EntryRow => other.kind === "entry" && other.path === path,
  );
  const directory = !row || isDirectory(row.entry) ? path : parentOf(path);
  /** It happens as soon as the menu is closed. */
  const choose = (act: () => void) => () => {
    chosen.current = act;
  };
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger
        className="flex min-h-0 flex-1 flex-col"
        onContextMenu={(event) => {
          const element = (event.target as Element).closest("[data-path]");
          // The menu key has no pointer: it means the row that the keyboard is on.
          const byKey = event.button !== 2 && event.clientX === 0 ? focused : undefined;
          setPath(element?.getAttribute("data-path") ?? byKey ?? "");
        }}
      >
        {children}
      </ContextMenu.Trigger>
      <ContextMenu.Portal>
        <ContextMenu.Content
          collisionPadding={8}
          // The menu would give the focus back now: what was chosen takes it, and must not lose it again.
          onCloseAutoFocus={(event) => {
            if (!chosen.current) return;
            event.preventDefault();
            chosen.current();
            chosen.current = undefined;
          }}
          className="z-50 min-w-48 animate-fade-in rounded-md border border-line bg-raised p-1 shadow-(--shadow-raised)"
        >
          <Item
            icon={<FilePlus />}
            refused={refusal()}
            onSelect={choose(() => actions.create(directory, "file"))}
          >
            {t("files.newFile")}
          </Item>
          <Item
            icon={<FolderPlus />}
            refused={refusal()}
            onSelect={choose(() => actions.create(directory, "directory"))}
          >
            {t("files.newFolder")}
          </Item>
          <Item
            icon={<Upload />}
            refused={refusal()}
            onSelect={choose(() => actions.upload(directory))}
          >
            {t("files.upload")}
          </Item>
          {row ? (
            <>
              <ContextMenu.Separator className="-mx-1 my-1 h-px bg-line" />
              <Item
                icon={<Pencil />}
                hint="F2"
                refused={refusal(row)}
                onSelect={choose(() => actions.rename(row))}
              >
                {t("files.rename")}
              </Item>
              {isDirectory(row.entry) ? null : (
                <Item icon={<Download />} onSelect={choose(() => actions.download(row))}>
                  {t("files.download")}
                </Item>
              )}
              <Item icon={<ClipboardCopy />} onSelect={choose(() => actions.copyPath(row.path))}>
                {t("files.copyPath")}
              </Item>
              <Item
                icon={<Trash2 />}
                hint="Del"
                danger
                refused={refusal(row)}
                onSelect={choose(() => actions.remove(row))}
              >
                {t("files.delete")}
              </Item>
            </>
          ) : null}
          <ContextMenu.Separator className="-mx-1 my-1 h-px bg-line" />
          <Item icon={<RefreshCw />} onSelect={choose(() => actions.refresh(directory))}>
            {t("files.refresh")}
          </Item>
          <Item icon={showHidden ? <EyeOff /> : <Eye />} onSelect={choose(actions.toggleHidden)}>
            {t(showHidden ? "files.hideHidden" : "files.showHidden")}
          </Item>
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

interface ItemProps {
  icon: ReactNode;
  hint?: string;
  danger?: boolean;
  /** Why it cannot be chosen; it can still be reached, so that the reason can be heard. */
  refused?: string | undefined;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ icon, hint, danger, refused, onSelect, children }: ItemProps) {
  return (
    <ContextMenu.Item
      onSelect={(event) => {
        if (refused === undefined) onSelect();
        else event.preventDefault();
      }}
      aria-disabled={refused !== undefined || undefined}
      aria-description={refused}
      title={refused}
      className={cn(
        "flex min-h-8 cursor-default select-none items-center gap-2 rounded-sm px-2 text-sm outline-none data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:text-ink-3",
        "aria-disabled:opacity-50",
        danger && "text-bad [&_svg]:text-bad",
      )}
    >
      {icon}
      <span className="flex-1">{children}</span>
      {hint ? (
        <kbd dir="ltr" className="font-sans text-ink-3 text-xs">
          {hint}
        </kbd>
      ) : null}
    </ContextMenu.Item>
  );
}
