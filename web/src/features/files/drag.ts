/** Dragging entries: inside the tree, from the desktop and to it. */
import { type DragEvent, type RefObject, useEffect, useRef, useState } from "react";
import { pathForPeople } from "@/api/agent";
import { desktopFile } from "./download";
import { isDirectory } from "./order";
import type { EntryRow } from "./rows";
import { folderOf, movable } from "./tree";

/** What our own drags carry. */
const DRAG_TYPE = "application/x-atelier-paths";
/** After how long a closed folder opens under a drag, in milliseconds. */
const OPEN_AFTER_MS = 700;
/** How near the edge the tree scrolls under a drag, and how far at each step, in pixels. */
const EDGE = 28;
const STEP = 12;

/** Of the drag under way; what it carries cannot be read before it is dropped. */
let dragged: { host: string; paths: readonly string[] } | undefined;

interface DragInput {
  host: string;
  scroller: RefObject<HTMLElement | null>;
  rowOf: (event: { target: EventTarget }) => EntryRow | undefined;
  /** What a drag that begins on a row takes along. */
  targets: (row: EntryRow) => string[];
  expand: (folder: string) => void;
  onTransfer: (kind: "move" | "copy", paths: readonly string[], to: string) => void;
  onUpload: (folder: string, data: DataTransfer) => void;
  /** Why nothing may be changed; it is said. */
  mayChange: () => boolean;
}

/** The folder that a drag is over, and the handlers that the tree needs. */
export function useTreeDrag(input: DragInput) {
  const [over, setOver] = useState<string>();
  const opening = useRef<{ path: string; timer: ReturnType<typeof setTimeout> }>(undefined);
  const stop = () => {
    clearTimeout(opening.current?.timer);
    opening.current = undefined;
    setOver(undefined);
  };
  useEffect(() => () => clearTimeout(opening.current?.timer), []);

  /** The drop effect here; "none" where the drop would do nothing. */
  const effectOf = (event: DragEvent, folder: string): "move" | "copy" | "none" => {
    if (!event.dataTransfer.types.includes(DRAG_TYPE)) return "copy";
    if (dragged?.host !== input.host) return "none";
    if (event.ctrlKey || event.altKey) return "copy";
    return movable(dragged.paths, folder).length > 0 ? "move" : "none";
  };
  const openLater = (row: EntryRow | undefined) => {
    const path = row && isDirectory(row.entry) && !row.open ? row.path : undefined;
    if (path === opening.current?.path) return;
    clearTimeout(opening.current?.timer);
    opening.current =
      path === undefined
        ? undefined
        : { path, timer: setTimeout(() => input.expand(path), OPEN_AFTER_MS) };
  };
  const scrollAtEdge = (event: DragEvent) => {
    const element = input.scroller.current;
    if (!element) return;
    const { top, bottom } = element.getBoundingClientRect();
    if (event.clientY < top + EDGE) element.scrollTop -= STEP;
    else if (event.clientY > bottom - EDGE) element.scrollTop += STEP;
  };

  return {
    over,
    handlers: {
      onDragStart: (event: DragEvent) => {
        const row = input.rowOf(event);
        if (!row) return event.preventDefault();
        const paths = input.targets(row);
        dragged = { host: input.host, paths };
        const { dataTransfer } = event;
        dataTransfer.setData(DRAG_TYPE, JSON.stringify(paths));
        dataTransfer.setData(
          "text/plain",
          paths.map((path) => pathForPeople(input.host, path)).join("\n"),
        );
        if (paths.length === 1 && !isDirectory(row.entry)) {
          dataTransfer.setData("DownloadURL", desktopFile(input.host, row.path));
        }
        dataTransfer.effectAllowed = "copyMove";
      },
      onDragEnd: () => {
        dragged = undefined;
        stop();
      },
      onDragOver: (event: DragEvent) => {
        event.preventDefault();
        const row = input.rowOf(event);
        const folder = folderOf(row);
        const effect = effectOf(event, folder);
        event.dataTransfer.dropEffect = effect;
        setOver(effect === "none" ? undefined : folder);
        openLater(row);
        scrollAtEdge(event);
      },
      onDragLeave: (event: DragEvent) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node) || !event.currentTarget.contains(to)) stop();
      },
      onDrop: (event: DragEvent) => {
        event.preventDefault();
        const folder = folderOf(input.rowOf(event));
        const effect = effectOf(event, folder);
        const own = event.dataTransfer.types.includes(DRAG_TYPE) ? dragged : undefined;
        stop();
        if (effect === "none" || !input.mayChange()) return;
        if (!own) return input.onUpload(folder, event.dataTransfer);
        const paths = effect === "move" ? movable(own.paths, folder) : own.paths;
        input.onTransfer(effect, paths, folder);
      },
    },
  };
}
