/** Where a dragged tab would go: into the group, or beside it. */
import { type DragEvent, type ReactNode, useState } from "react";
import { cn } from "@/lib/cn";
import { carriesTab, type DraggedTab, droppedTab, sideAt } from "./drag";
import type { GroupSide } from "./groups";

interface DropZonesProps {
  onDrop: (tab: DraggedTab, side: GroupSide | undefined) => void;
  children: ReactNode;
}

const COVER: Record<GroupSide | "middle", string> = {
  start: "inset-y-0 start-0 w-1/2",
  end: "inset-y-0 end-0 w-1/2",
  above: "inset-x-0 top-0 h-1/2",
  below: "inset-x-0 bottom-0 h-1/2",
  middle: "inset-0",
};

export function DropZones({ onDrop, children }: DropZonesProps) {
  const [over, setOver] = useState<GroupSide | "middle">();
  const zone = (event: DragEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const rtl = document.documentElement.dir === "rtl";
    return sideAt({ x: event.clientX, y: event.clientY }, box, rtl);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop; the tabs' own keys and orders do the same.
    <div
      className="relative flex min-h-0 flex-1 flex-col"
      // Before Monaco sees it: it would insert the text.
      onDragOverCapture={(event) => {
        if (!carriesTab(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(zone(event) ?? "middle");
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(undefined);
      }}
      onDropCapture={(event) => {
        if (!carriesTab(event)) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(undefined);
        const tab = droppedTab(event);
        if (tab) onDrop(tab, zone(event));
      }}
    >
      {children}
      {over ? (
        <div
          aria-hidden
          className={cn(
            "pointer-events-none absolute z-20 border border-accent bg-accent/15",
            COVER[over],
          )}
        />
      ) : null}
    </div>
  );
}
