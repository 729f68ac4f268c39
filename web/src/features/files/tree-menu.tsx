/** The menu of a row, or of all that is chosen, and of the space below the rows. */
import {
  ClipboardPaste,
  Copy,
  CopyPlus,
  Download,
  FilePlus,
  FileSymlink,
  FolderPlus,
  FolderUp,
  History,
  type LucideIcon,
  Pencil,
  RefreshCw,
  Scissors,
  ShieldCheck,
  SquareTerminal,
  Trash2,
  Upload,
} from "lucide-react";
import { ContextMenu } from "radix-ui";
import { type ReactNode, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useHome } from "@/components/ui/home";
import { cn } from "@/lib/cn";
import { type EntryCommand, entryCommands, type PanelActions } from "./entry-commands";
import type { EntryRow, TreeRows } from "./rows";
import { type Selection, targetsOf } from "./selection";
import { folderOf } from "./tree";

interface TreeMenuProps {
  rows: TreeRows;
  focused: string | undefined;
  selection: Selection;
  actions: PanelActions;
  /** The row that is meant becomes the chosen one. */
  onChoose: (row: EntryRow | undefined) => void;
  children: ReactNode;
}

const ICONS: Record<string, LucideIcon> = {
  "file.create": FilePlus,
  "directory.create": FolderPlus,
  "file.upload": Upload,
  "file.uploadFolder": FolderUp,
  "file.rename": Pencil,
  "file.cut": Scissors,
  "file.copy": Copy,
  "file.paste": ClipboardPaste,
  "file.duplicate": CopyPlus,
  "file.download": Download,
  "file.downloadZip": Download,
  "file.downloadTar": Download,
  "file.copyPath": FileSymlink,
  "file.terminal": SquareTerminal,
  "file.history": History,
  "file.mode": ShieldCheck,
  "file.delete": Trash2,
  "file.deleteForGood": Trash2,
  "file.refresh": RefreshCw,
};

export function TreeMenu(props: TreeMenuProps) {
  const { rows, focused, selection, actions, children } = props;
  const { t } = useTranslation(["workbench", "files"]);
  const [path, setPath] = useState<string>();
  const { mark, home } = useHome();
  const chosen = useRef<() => void>(undefined);
  const row = rows.find(path);
  const groups = entryCommands(t, actions, {
    row,
    folder: folderOf(row),
    targets: row ? targetsOf(selection, row.path) : [],
  })
    .map((group) => group.filter(({ meaningless }) => meaningless === undefined))
    .filter((group) => group.length > 0);
  return (
    <ContextMenu.Root modal={false}>
      <ContextMenu.Trigger
        className="flex min-h-0 flex-1 flex-col"
        onContextMenu={(event) => {
          const element = (event.target as Element).closest("[data-path]");
          // The menu key has no pointer: it means the row that the keyboard is on.
          const byKey = event.button !== 2 && event.clientX === 0 ? focused : undefined;
          const meant = element?.getAttribute("data-path") ?? byKey;
          setPath(meant);
          if (meant === undefined || !selection.paths.has(meant)) props.onChoose(rows.find(meant));
        }}
      >
        {children}
      </ContextMenu.Trigger>
      {mark}
      <ContextMenu.Portal container={home}>
        <ContextMenu.Content
          collisionPadding={8}
          // The menu would give the focus back now: what was chosen takes it, and must not lose it again.
          onCloseAutoFocus={(event) => {
            if (!chosen.current) return;
            event.preventDefault();
            chosen.current();
            chosen.current = undefined;
          }}
          className="z-50 max-h-(--radix-context-menu-content-available-height) min-w-[min(--spacing(52),var(--radix-context-menu-content-available-width))] max-w-(--radix-context-menu-content-available-width) animate-fade-in overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-(--shadow-raised)"
        >
          {groups.map((group, index) => (
            <div role="none" key={group[0]?.id}>
              {index > 0 ? <ContextMenu.Separator className="-mx-1 my-1 h-px bg-line" /> : null}
              {group.map((command) => (
                <Item
                  key={command.id}
                  command={command}
                  // It happens as soon as the menu is closed.
                  onSelect={() => {
                    chosen.current = command.run;
                  }}
                />
              ))}
            </div>
          ))}
        </ContextMenu.Content>
      </ContextMenu.Portal>
    </ContextMenu.Root>
  );
}

function Item({ command, onSelect }: { command: EntryCommand; onSelect: () => void }) {
  const Icon = ICONS[command.id];
  const { refused } = command;
  return (
    <ContextMenu.Item
      onSelect={(event) => {
        // It can still be reached, so that the reason can be heard.
        if (refused === undefined) onSelect();
        else event.preventDefault();
      }}
      aria-disabled={refused !== undefined || undefined}
      aria-description={refused}
      title={refused}
      className={cn(
        "flex min-h-8 cursor-default select-none items-center gap-2 rounded-sm px-2 text-sm outline-none data-[highlighted]:bg-hover [&_svg]:size-4 [&_svg]:text-ink-3",
        "aria-disabled:opacity-50",
        command.danger && "text-bad [&_svg]:text-bad",
      )}
    >
      {Icon ? <Icon aria-hidden /> : null}
      <span className="flex-1">{command.title}</span>
      {command.hint ? (
        <kbd dir="ltr" className="font-sans max-md:hidden text-ink-3 text-xs">
          {command.hint}
        </kbd>
      ) : null}
    </ContextMenu.Item>
  );
}
