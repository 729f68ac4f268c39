/** The file tree: virtualized rows, one tab stop, keys and pointer as the tree pattern says. */
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type DragEvent,
  type KeyboardEvent,
  useCallback,
  useEffect,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import { Button } from "@/components/ui/button";
import type { FileActions } from "./actions";
import { type GitMarks, markAt } from "./gitDecorations";
import { NameField } from "./name-field";
import { encodeName, joinPath, parentOf } from "./paths";
import type { TreeStore } from "./store";
import {
  dropDestination,
  type EntryRow,
  findByTyping,
  isDirectory,
  moveByKey,
  type TreeRow,
} from "./tree";
import { rowStyle, TreeItem, treeItemId } from "./tree-row";

/** Pixels; a finger needs more room than a pointer. */
const ROW_HEIGHT = { fine: 24, coarse: 36 };
/** Letters typed within this time are one word. */
const TYPING_PAUSE_MS = 700;
/** What our own drags carry. */
const DRAG_TYPE = "application/x-atelier-path";

interface FileTreeProps {
  store: TreeStore;
  rows: readonly TreeRow[];
  marks: GitMarks;
  activePath: string | undefined;
  actions: FileActions;
  /** Why nothing, or not this one, may be changed. */
  refusal: (row?: EntryRow) => string | undefined;
  /** A click only looks into a file; a double click and Enter open it to stay. */
  onOpen: (path: string, preview: boolean) => void;
  onDelete: (row: EntryRow) => void;
  onUpload: (directory: string, data: DataTransfer) => void;
}

export function FileTree(props: FileTreeProps) {
  const { store, rows } = props;
  const { t, i18n } = useTranslation("workbench");
  const focused = useStore(store, (state) => state.focused);
  const edit = useStore(store, (state) => state.edit);
  const scroller = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });
  const [dropOn, setDropOn] = useState<string>();
  const coarse = matchMedia("(pointer: coarse)").matches;
  const rowHeight = coarse ? ROW_HEIGHT.coarse : ROW_HEIGHT.fine;
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    // A new function would have all ten thousand places reckoned anew.
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 12,
  });

  const reveal = (path: string | undefined) => {
    const index = rows.findIndex((row) => row.kind === "entry" && row.path === path);
    if (index >= 0) virtual.scrollToIndex(index);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: rows change all the time; only a new file in the editor is followed.
  useEffect(() => reveal(props.activePath), [props.activePath]);

  const activate = (row: EntryRow, preview: boolean) => {
    store.focus(row.path);
    if (!isDirectory(row.entry)) props.onOpen(row.path, preview);
    else if (row.open) store.collapse(row.path);
    else store.expand([row.path]);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey)
      return;
    const row = rows.find(
      (other): other is EntryRow => other.kind === "entry" && other.path === focused,
    );
    const take = () => event.preventDefault();
    if (event.key === "Enter" || (event.key === " " && typed.current.text === "")) {
      take();
      if (row) activate(row, event.key === " ");
    } else if (event.key === "F2" && row) {
      take();
      event.stopPropagation();
      if (mayChange(row)) store.setEdit({ kind: "rename", path: row.path });
    } else if (event.key === "Delete" && row) {
      take();
      if (mayChange(row)) props.onDelete(row);
    } else if (event.key.length === 1) {
      take();
      const now = event.timeStamp;
      const word = now - typed.current.at < TYPING_PAUSE_MS ? typed.current.text : "";
      typed.current = { text: word + event.key, at: now };
      focusOn(findByTyping(rows, focused, typed.current.text));
    } else {
      const move = moveByKey(rows, focused, event.key, i18n.dir() === "rtl");
      if (move.kind === "none") return;
      take();
      if (move.kind === "focus") focusOn(move.path);
      else if (move.kind === "expand") store.expand([move.path]);
      else store.collapse(move.path);
    }
  };
  /** Says why not, where it may not. */
  const mayChange = (row?: EntryRow) => {
    const reason = props.refusal(row);
    if (reason !== undefined) toast.error(reason);
    return reason === undefined;
  };
  const focusOn = (path: string | undefined) => {
    if (path === undefined) return;
    store.focus(path);
    reveal(path);
  };

  /** Ends the edit that this drawing shows; another may have begun before its answer came. */
  const endEdit = () => {
    if (store.getState().edit === edit) store.setEdit(undefined);
  };
  const rowOf = (event: { target: EventTarget }) => {
    const path = (event.target as Element).closest("[data-path]")?.getAttribute("data-path");
    return rows.find((row): row is EntryRow => row.kind === "entry" && row.path === path);
  };
  /** The row that a drag is over; the root where it is over none. */
  const targetOf = (event: DragEvent) => {
    const row = rowOf(event);
    const path = row?.path ?? "";
    const directory = !row || isDirectory(row.entry);
    return { path, directory, folder: directory ? path : parentOf(path) };
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setDropOn(undefined);
    if (!mayChange()) return;
    const target = targetOf(event);
    const from = event.dataTransfer.getData(DRAG_TYPE);
    if (from === "") return props.onUpload(target.folder, event.dataTransfer);
    const to = dropDestination(from, target);
    if (to !== undefined) void props.actions.move(from, to);
  };

  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label={t("files.tree")}
      aria-activedescendant={focused === undefined ? undefined : treeItemId(focused)}
      className="group/tree min-h-0 flex-1 overflow-auto py-1 outline-none"
      onKeyDown={onKeyDown}
      onFocus={() => {
        const first = rows.find((row) => row.kind === "entry");
        if (focused === undefined && first) store.focus(first.path);
      }}
      onClick={(event) => {
        const row = rowOf(event);
        if (row) activate(row, true);
      }}
      onDoubleClick={(event) => {
        const row = rowOf(event);
        if (row && !isDirectory(row.entry)) props.onOpen(row.path, false);
      }}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAG_TYPE, rowOf(event)?.path ?? "");
        event.dataTransfer.effectAllowed = "move";
      }}
      onDragOver={(event) => {
        event.preventDefault();
        const { folder } = targetOf(event);
        if (folder !== dropOn) setDropOn(folder);
      }}
      onDragLeave={(event) => event.target === event.currentTarget && setDropOn(undefined)}
      onDrop={onDrop}
    >
      <div role="none" className="relative w-full" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const row = rows[index];
          if (!row) return null;
          if (row.kind !== "entry") {
            return (
              <NoteRow
                key={key}
                row={row}
                start={start}
                rows={rows}
                actions={props.actions}
                onEnd={endEdit}
              />
            );
          }
          const renaming = edit?.kind === "rename" && edit.path === row.path;
          return (
            <TreeItem
              key={key}
              row={row}
              start={start}
              focused={row.path === focused}
              active={row.path === props.activePath}
              mark={markAt(props.marks, row.path)}
              dropTarget={row.path === dropOn}
              nameField={
                renaming ? (
                  <NameField
                    label={t("files.newName")}
                    initial={row.entry.name}
                    taken={takenIn(rows, parentOf(row.path))}
                    onSubmit={(name) =>
                      props.actions.move(row.path, joinPath(parentOf(row.path), encodeName(name)))
                    }
                    onCancel={() => {
                      endEdit();
                      scroller.current?.focus();
                    }}
                  />
                ) : undefined
              }
            />
          );
        })}
      </div>
    </div>
  );
}

/** Whether a name is taken in a folder that is in sight. */
function takenIn(rows: readonly TreeRow[], directory: string): (name: string) => boolean {
  return (name) =>
    rows.some(
      (row) => row.kind === "entry" && parentOf(row.path) === directory && row.entry.name === name,
    );
}

interface NoteRowProps {
  row: Exclude<TreeRow, { kind: "entry" }>;
  start: number;
  rows: readonly TreeRow[];
  actions: FileActions;
  onEnd: () => void;
}

/** A row that is no entry: a name being typed, or what is to be said of a folder. */
function NoteRow({ row, start, rows, actions, onEnd }: NoteRowProps) {
  const { t } = useTranslation("workbench");
  const content = () => {
    switch (row.kind) {
      case "input":
        return (
          <NameField
            label={t(row.entry === "file" ? "files.newFileName" : "files.newFolderName")}
            initial=""
            taken={takenIn(rows, row.path)}
            onSubmit={(name) => actions.create(row.path, name, row.entry)}
            onCancel={onEnd}
          />
        );
      case "loading":
        return <span className="skeleton h-3 w-24" />;
      case "empty":
        return (
          <span className="text-ink-3">
            {t(row.path === "" ? "files.emptyRoot" : "files.emptyFolder")}
          </span>
        );
      case "error":
        return (
          <>
            <span className="truncate text-bad" title={row.message}>
              {row.message}
            </span>
            <Button size="sm" variant="link" onClick={() => void actions.refresh(row.path)}>
              {t("files.readAgain")}
            </Button>
          </>
        );
      case "more":
        return <span className="text-ink-3">{t("files.more", { count: row.count })}</span>;
    }
  };
  return (
    <div
      role="none"
      className="absolute inset-x-0 top-0 flex h-6 items-center gap-2 pe-2 pointer-coarse:h-9"
      style={{ ...rowStyle(start, row.depth + 1), zIndex: row.kind === "input" ? 10 : undefined }}
    >
      {content()}
    </div>
  );
}
