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
import { type ReactNode, useState } from "react";
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
  actions: TreeMenuActions;
  children: ReactNode;
}

export function TreeMenu({ rows, focused, showHidden, actions, children }: TreeMenuProps) {
  const { t } = useTranslation("workbench");
  const [path, setPath] = useState("");
  const row = rows.find(
    (other): other is EntryRow => other.kind === "entry" && other.path === path,
  );
  const directory = !row || isDirectory(row.entry) ? path : parentOf(path);
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
          className="z-50 min-w-48 animate-fade-in rounded-md border border-line bg-raised p-1 shadow-(--shadow-raised)"
        >
          <Item icon={<FilePlus />} onSelect={() => actions.create(directory, "file")}>
            {t("files.newFile")}
          </Item>
          <Item icon={<FolderPlus />} onSelect={() => actions.create(directory, "directory")}>
            {t("files.newFolder")}
          </Item>
          <Item icon={<Upload />} onSelect={() => actions.upload(directory)}>
            {t("files.upload")}
          </Item>
          {row ? (
            <>
              <ContextMenu.Separator className="-mx-1 my-1 h-px bg-line" />
              <Item icon={<Pencil />} hint="F2" onSelect={() => actions.rename(row)}>
                {t("files.rename")}
              </Item>
              {isDirectory(row.entry) ? null : (
                <Item icon={<Download />} onSelect={() => actions.download(row)}>
                  {t("files.download")}
                </Item>
              )}
              <Item icon={<ClipboardCopy />} onSelect={() => actions.copyPath(row.path)}>
                {t("files.copyPath")}
              </Item>
              <Item icon={<Trash2 />} hint="Del" danger onSelect={() => actions.remove(row)}>
                {t("files.delete")}
              </Item>
            </>
          ) : null}
          <ContextMenu.Separator className="-mx-1 my-1 h-px bg-line" />
          <Item icon={<RefreshCw />} onSelect={() => actions.refresh(directory)}>
            {t("files.refresh")}
          </Item>
          <Item icon={showHidden ? <EyeOff /> : <Eye />} onSelect={actions.toggleHidden}>
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
  onSelect: () => void;
  children: ReactNode;
}

function Item({ icon, hint, danger, onSelect, children }: ItemProps) {
  return (
    <ContextMenu.Item
      // The menu gives the focus back when it closes; what takes it must come after.
      onSelect={() => setTimeout(onSelect)}
      className={cn(
        "flex min-h-8 cursor-default select-none items-center gap-2 rounded-sm px-2 text-sm outline-none data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:text-ink-3",
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
