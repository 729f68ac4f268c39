/** Tabs that are dragged between places, and files that come from the tree. */
import type { DragEvent } from "react";

/** What a dragged tab carries. */
const TAB_TYPE = "application/x-atelier-tab";
/** What the tree's drags carry. */
const PATH_TYPE = "application/x-atelier-path";

export interface DraggedTab {
  key: string;
  /** Where it comes from; nothing: from the tree. */
  group: string | undefined;
}

export function startDrag(event: DragEvent, tab: { key: string; group: string }): void {
  event.dataTransfer.setData(TAB_TYPE, JSON.stringify(tab));
  event.dataTransfer.effectAllowed = "move";
}

/** Whether what is dragged over can be dropped; what it is can only be read at the drop. */
export function carriesTab(event: DragEvent): boolean {
  return event.dataTransfer.types.some((type) => type === TAB_TYPE || type === PATH_TYPE);
}

export function droppedTab(event: DragEvent): DraggedTab | undefined {
  const tab = event.dataTransfer.getData(TAB_TYPE);
  if (tab !== "") return JSON.parse(tab) as DraggedTab;
  const path = event.dataTransfer.getData(PATH_TYPE);
  return path === "" ? undefined : { key: path, group: undefined };
}

/** The side of an element that a pointer is near; nothing in its middle. */
export function sideAt(
  point: { x: number; y: number },
  box: { left: number; top: number; width: number; height: number },
  rtl: boolean,
): "start" | "end" | "above" | "below" | undefined {
  const x = (point.x - box.left) / box.width;
  const y = (point.y - box.top) / box.height;
  const edges = [
    { side: rtl ? "end" : "start", distance: x },
    { side: rtl ? "start" : "end", distance: 1 - x },
    { side: "above", distance: y },
    { side: "below", distance: 1 - y },
  ] as const;
  const nearest = edges.reduce((best, edge) => (edge.distance < best.distance ? edge : best));
  return nearest.distance < EDGE ? nearest.side : undefined;
}

/** How near to an edge a drop makes a new group, as a share of the element. */
const EDGE = 0.22;
