/** Where a dragged tab can be let go over a pane: at its edges for a new pane, else into it. */
import { type CSSProperties, type DragEvent, useState } from "react";
import { cn } from "@/lib/cn";
import type { Side } from "./tree";

/** How much of a pane's width and height is its edge. */
const EDGE = 0.25;

const SHADE: Record<Side, string> = {
  start: "inset-y-0 start-0 w-1/2",
  end: "inset-y-0 end-0 w-1/2",
  top: "inset-x-0 top-0 h-1/2",
  bottom: "inset-x-0 bottom-0 h-1/2",
  center: "inset-0",
};

export function DropZones({
  place,
  onDrop,
}: {
  place: CSSProperties;
  onDrop: (side: Side) => void;
}) {
  const [side, setSide] = useState<Side>();
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only there during a drag; keys have commands.
    <div
      style={place}
      className="absolute z-20"
      onDragOver={(event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = "move";
        setSide(sideAt(event));
      }}
      onDragLeave={() => setSide(undefined)}
      onDrop={(event) => {
        event.preventDefault();
        setSide(undefined);
        onDrop(sideAt(event));
      }}
    >
      {side ? (
        <div
          className={cn(
            "pointer-events-none absolute border-2 border-accent bg-accent/20",
            SHADE[side],
          )}
        />
      ) : null}
    </div>
  );
}

function sideAt(event: DragEvent<HTMLElement>): Side {
  const box = event.currentTarget.getBoundingClientRect();
  const across = (event.clientX - box.left) / box.width;
  const along = document.documentElement.dir === "rtl" ? 1 - across : across;
  const down = (event.clientY - box.top) / box.height;
  const distances: [Side, number][] = [
    ["start", along],
    ["end", 1 - along],
    ["top", down],
    ["bottom", 1 - down],
  ];
  const [nearest] = distances.sort(([, one], [, other]) => one - other);
  return nearest && nearest[1] < EDGE ? nearest[0] : "center";
}
