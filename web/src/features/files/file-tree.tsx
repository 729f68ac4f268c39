/** The file tree: rows in sight only, one tab stop, keys and pointer as the tree pattern says. */
import { useQueryClient } from "@tanstack/react-query";
import { type KeyboardEvent, type MouseEvent, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useStore } from "zustand";
import type { FileActions } from "./actions";
import { useClipboard } from "./clipboard";
import { useTreeDrag } from "./drag";
import { type GitMarks, markAt } from "./gitDecorations";
import { NameField } from "./name-field";
import { NoteRow } from "./note-row";
import { isDirectory } from "./order";
import { encodeName, joinPath, parentOf } from "./paths";
import { directoryOptions } from "./queries";
import type { EntryRow, TreeRows } from "./rows";
import { everything, extended, only, targetsOf, toggled } from "./selection";
import { Slots } from "./slots";
import type { TreeStore } from "./store";
import { findByTyping, moveByKey } from "./tree";
import { TreeItem, treeItemId } from "./tree-row";
import { useRowWindow } from "./window";

/** Pixels; a finger needs more room than a pointer. */
const ROW_HEIGHT = { fine: 24, coarse: 40 };
/** Letters typed within this time are one word. */
const TYPING_PAUSE_MS = 700;

interface FileTreeProps {
  host: string;
  store: TreeStore;
  rows: TreeRows;
  marks: GitMarks;
  activePath: string | undefined;
  actions: FileActions;
  /** Why nothing, or not these, may be changed. */
  refusal: (paths?: readonly string[]) => string | undefined;
  /** A click only looks into a file; a double click and Enter open it to stay. */
  onOpen: (path: string, preview: boolean) => void;
  /** What the keys Delete (and with Shift) and those of the clipboard mean. */
  keys: {
    remove: (paths: string[], forGood: boolean) => void;
    copy: (paths: string[]) => void;
    cut: (paths: string[]) => void;
    paste: () => void;
    duplicate: (paths: string[]) => void;
    filter: () => void;
  };
  onUpload: (directory: string, data: DataTransfer) => void;
}

export function FileTree(props: FileTreeProps) {
  const { host, store, rows, keys } = props;
  const { t, i18n } = useTranslation("workbench");
  const { focused, selection, edit, showDetails } = useStore(store);
  const cut = useClipboard(({ held }) =>
    held?.kind === "move" && held.host === host ? held.paths : undefined,
  );
  const scroller = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });
  const slots = useRef(new Slots());
  const coarse = matchMedia("(pointer: coarse)").matches;
  const rowHeight = coarse ? ROW_HEIGHT.coarse : ROW_HEIGHT.fine;
  const { first, end, reveal } = useRowWindow(scroller, rows.length, rowHeight);

  // biome-ignore lint/correctness/useExhaustiveDependencies: rows change all the time; only a new file in the editor is followed.
  useEffect(() => reveal(rows.indexOf(props.activePath)), [props.activePath]);
  const focusedAt = rows.indexOf(focused);
  // What was made, moved or restored is focused before it is listed.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when it comes, not wherever it moves.
  useEffect(() => reveal(rows.indexOf(focused)), [focused, focusedAt >= 0]);

  const client = useQueryClient();
  const toggle = (row: EntryRow) => {
    if (row.open) return store.collapse(row.path);
    // Followed first, so that no change is missed between the two; then asked for, while the row is drawn as open.
    store.expand([row.path]);
    void client.prefetchQuery(directoryOptions(host, row.path));
  };
  const activate = (row: EntryRow, preview: boolean) => {
    store.focus(row.path);
    if (isDirectory(row.entry)) toggle(row);
    else props.onOpen(row.path, preview);
  };
  /** Says why not, where it may not. */
  const mayChange = (paths?: readonly string[]) => {
    const reason = props.refusal(paths);
    if (reason !== undefined) toast.error(reason);
    return reason === undefined;
  };
  const focusOn = (path: string | undefined, extend = false) => {
    if (path === undefined) return;
    if (extend) store.select(extended(selection, rows, path), path);
    else store.focus(path);
  };

  const onCommandKey = (event: KeyboardEvent): boolean => {
    const targets = targetsOf(selection, focused);
    const act = (action: () => void, changes = true) => {
      if (!changes || mayChange(targets)) action();
      return true;
    };
    switch (event.key.toLowerCase()) {
      case "a": {
        store.select(everything(rows));
        return true;
      }
      case "c":
        return act(() => keys.copy(targets), false);
      case "x":
        return act(() => keys.cut(targets));
      case "v":
        return act(() => mayChange() && keys.paste(), false);
      case "d":
        return act(() => keys.duplicate(targets), false);
      case "f":
        return act(keys.filter, false);
      case " ":
        if (focused !== undefined) store.select(toggled(selection, focused));
        return true;
      case "arrowdown":
      case "arrowup": {
        const move = moveByKey(rows, focused, event.key, false);
        // The keyboard goes on; what is chosen stays.
        if (move.kind === "focus") store.select(selection, move.path);
        return true;
      }
      default:
        return false;
    }
  };

  const onPlainKey = (event: KeyboardEvent): boolean => {
    const row = rows.find(focused);
    const targets = targetsOf(selection, focused);
    if (event.key === "Enter") {
      if (row) activate(row, false);
    } else if (event.key === " " && typed.current.text === "") {
      if (row) store.select(toggled(selection, row.path));
    } else if (event.key === "Escape") {
      typed.current = { text: "", at: 0 };
      useClipboard.setState({ held: undefined });
      store.focus(focused);
    } else if (event.key === "F2" && row) {
      event.stopPropagation();
      if (mayChange([row.path])) store.setEdit({ kind: "rename", path: row.path });
    } else if (event.key === "Delete" && targets.length > 0) {
      if (mayChange(targets)) keys.remove(targets, event.shiftKey);
    } else if (event.key.length === 1) {
      const now = event.timeStamp;
      const word = now - typed.current.at < TYPING_PAUSE_MS ? typed.current.text : "";
      typed.current = { text: word + event.key, at: now };
      focusOn(findByTyping(rows, focused, typed.current.text));
    } else {
      const move = moveByKey(rows, focused, event.key, i18n.dir() === "rtl");
      if (move.kind === "none") return false;
      if (move.kind === "focus") focusOn(move.path, event.shiftKey);
      else if (move.kind === "expand") store.expand([move.path]);
      else store.collapse(move.path);
    }
    return true;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey) return;
    if (event.timeStamp - typed.current.at >= TYPING_PAUSE_MS) typed.current.text = "";
    const taken = event.ctrlKey || event.metaKey ? onCommandKey(event) : onPlainKey(event);
    if (taken) event.preventDefault();
  };

  /** Ends the edit that this drawing shows; another may have begun before its answer came. */
  const endEdit = () => {
    if (store.getState().edit === edit) store.setEdit(undefined);
  };
  const rowOf = (event: { target: EventTarget }) => {
    const path = (event.target as Element).closest("[data-path]")?.getAttribute("data-path");
    return rows.find(path ?? undefined);
  };
  const onClick = (event: MouseEvent) => {
    const row = rowOf(event);
    if (!row) {
      if (event.target === event.currentTarget) store.select(only(undefined));
    } else if (event.shiftKey) store.select(extended(selection, rows, row.path), row.path);
    else if (event.ctrlKey || event.metaKey) store.select(toggled(selection, row.path), row.path);
    else activate(row, true);
  };
  const drag = useTreeDrag({
    host,
    scroller,
    rowOf,
    targets: (row) => targetsOf(selection, row.path),
    expand: (folder) => store.expand([folder]),
    onTransfer: (kind, paths, to) => {
      if (kind === "copy" || mayChange(paths)) void props.actions.transfer({ kind, paths, to });
    },
    onUpload: props.onUpload,
    mayChange: () => mayChange(),
  });

  const drawn = [];
  const shown = rows.slice(first, end);
  const slotOf = slots.current.assign(shown.map(({ key }) => key));
  for (const [index, row] of shown.entries()) {
    const start = (first + index) * rowHeight;
    if (row.kind !== "entry") {
      drawn.push(
        <NoteRow
          key={row.key}
          row={row}
          start={start}
          taken={takenIn(rows, row.path)}
          actions={props.actions}
          onEnd={endEdit}
        />,
      );
      continue;
    }
    const renaming = edit?.kind === "rename" && edit.path === row.path;
    drawn.push(
      <TreeItem
        // A scroll changes what elements say, rather than making fifty anew. Save where a name is typed, which is its row's.
        key={renaming ? row.key : slotOf.get(row.key)}
        row={row}
        start={start}
        focused={row.path === focused}
        selected={selection.paths.has(row.path)}
        active={row.path === props.activePath}
        cut={cut?.includes(row.path) ?? false}
        details={showDetails}
        mark={markAt(props.marks, row.path)}
        dropTarget={row.path === drag.over}
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
      />,
    );
  }

  return (
    <div
      ref={scroller}
      role="tree"
      tabIndex={0}
      aria-label={t("files.tree")}
      aria-multiselectable
      aria-activedescendant={
        focusedAt >= first && focusedAt < end && focused !== undefined
          ? treeItemId(focused)
          : undefined
      }
      className="group/tree min-h-0 flex-1 overflow-auto py-1 outline-none data-[drop]:bg-selected"
      data-drop={drag.over === "" || undefined}
      onKeyDown={onKeyDown}
      onFocus={() => {
        const row = rows.entryFrom(0, 1);
        if (focused === undefined && row) store.focus(row.path);
      }}
      onClick={onClick}
      onDoubleClick={(event) => {
        const row = rowOf(event);
        if (row && !isDirectory(row.entry)) props.onOpen(row.path, false);
      }}
      {...drag.handlers}
    >
      <div role="none" className="relative w-full" style={{ height: rows.length * rowHeight }}>
        {drawn}
      </div>
    </div>
  );
}

/** Whether a name is taken in a folder that is in sight. */
function takenIn(rows: TreeRows, directory: string): (name: string) => boolean {
  return (name) => rows.find(joinPath(directory, encodeName(name))) !== undefined;
}
