import { X } from "lucide-react";
import {
  type DragEvent,
  type HTMLAttributes,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useRef,
} from "react";
import { cn } from "@/lib/cn";

/** One tab. */
interface TabItem {
  id: string;
  /** The accessible name. */
  name: string;
  /** What is seen; the name when absent. */
  label?: ReactNode;
  icon?: ReactNode;
  title?: string | undefined;
  /** Shown in place of the close button until the pointer is over it: a dirty mark. */
  mark?: ReactNode;
  /** The element that the tab shows. */
  controls?: string | undefined;
  /** More for the tab's element: dragging, a menu. */
  dom?: HTMLAttributes<HTMLElement> & { "data-drop"?: "before" | "after" | undefined };
}

interface TabStripProps {
  label: string;
  /** What the close button says, for the pointer; the keyboard closes with Delete. */
  closeTitle: (tab: TabItem) => string;
  tabs: readonly TabItem[];
  active: string | undefined;
  onSelect: (id: string) => void;
  onClose: (id: string) => void;
  /** F2 or a double click. */
  onRename?: ((id: string) => void) | undefined;
  /** Alt and an arrow: the tab moves by one place. */
  onShift?: ((id: string, by: 1 | -1) => void) | undefined;
  /** Shown in place of the tab that is being renamed. */
  renaming?: { id: string; field: ReactNode } | undefined;
  /** Tabs can be dragged, within the strip and out of it. */
  dragging?: TabDragging | undefined;
}

interface TabDragging {
  /** A drag of this kind of tab is under way, whichever strip it came from. */
  active: boolean;
  onStart: (id: string) => void;
  onEnd: () => void;
  /** It was let go before the tab at `index`, or behind the last. */
  onDrop: (index: number) => void;
}

/** Tabs that scroll, move with arrows, and close by button, middle click or Delete. */
export function TabStrip(props: TabStripProps) {
  const { tabs, active, renaming } = props;
  const renamed = tabs.findIndex(({ id }) => id === renaming?.id);
  const strip = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const tab = strip.current?.querySelector(`[data-tab="${CSS.escape(active ?? "")}"]`);
    // With its close button, which stands beside it.
    tab?.parentElement?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [active]);

  const focusTab = (id: string | undefined) => {
    if (id === undefined) return;
    props.onSelect(id);
    strip.current?.querySelector<HTMLElement>(`[data-tab="${CSS.escape(id)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>, id: string) => {
    const at = tabs.findIndex((tab) => tab.id === id);
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const backward = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.altKey && props.onShift && (event.key === forward || event.key === backward)) {
      event.preventDefault();
      event.stopPropagation();
      props.onShift(id, event.key === forward ? 1 : -1);
      return;
    }
    const neighbour = { [forward]: at + 1, [backward]: at - 1, Home: 0, End: -1 }[event.key];
    const named = event.key === "Delete" ? props.onClose : event.key === "F2" && props.onRename;
    if (neighbour === undefined && !named) return;
    event.preventDefault();
    event.stopPropagation();
    if (neighbour !== undefined) focusTab(tabs.at(neighbour % tabs.length)?.id);
    else if (named) named(id);
  };

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a place to drop; keys have commands.
    <div
      ref={strip}
      onDragOver={(event) => props.dragging?.active && event.preventDefault()}
      onDrop={(event) => {
        if (!props.dragging?.active) return;
        event.preventDefault();
        props.dragging.onDrop(tabs.length);
      }}
      className="flex min-w-0 flex-1 self-stretch overflow-x-auto [scrollbar-width:none]"
    >
      <div role="tablist" aria-label={props.label} className="contents">
        {tabs.map((tab, index) => {
          if (renaming?.id === tab.id) return null;
          const selected = tab.id === active;
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: for the pointer; keys have commands.
            <div
              key={tab.id}
              role="presentation"
              style={{ order: index }}
              draggable={props.dragging !== undefined}
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", tab.name);
                props.dragging?.onStart(tab.id);
              }}
              onDragEnd={() => props.dragging?.onEnd()}
              onDragOver={(event) => props.dragging?.active && event.preventDefault()}
              onDrop={(event) => {
                if (!props.dragging?.active) return;
                event.preventDefault();
                event.stopPropagation();
                props.dragging.onDrop(index + (isBehindMiddle(event) ? 1 : 0));
              }}
              {...tab.dom}
              className={cn(
                "group relative flex shrink-0 items-center border-e",
                "data-[drop=before]:before:absolute data-[drop=before]:before:inset-y-0 data-[drop=before]:before:start-0 data-[drop=before]:before:w-0.5 data-[drop=before]:before:bg-accent",
                selected
                  ? "bg-surface text-ink after:absolute after:inset-x-0 after:top-0 after:h-0.5 after:bg-accent"
                  : "text-ink-2 hover:bg-hover hover:text-ink",
              )}
            >
              <div
                role="tab"
                data-tab={tab.id}
                tabIndex={selected ? 0 : -1}
                aria-selected={selected}
                aria-label={tab.name}
                aria-controls={selected ? tab.controls : undefined}
                title={tab.title}
                className="flex h-full max-w-56 cursor-default select-none items-center gap-1.5 ps-3 pe-1 -outline-offset-2"
                onClick={() => props.onSelect(tab.id)}
                onDoubleClick={() => props.onRename?.(tab.id)}
                onKeyDown={(event) => onKeyDown(event, tab.id)}
                onMouseDown={(event) => event.button === 1 && event.preventDefault()}
                onAuxClick={(event) => event.button === 1 && props.onClose(tab.id)}
              >
                {tab.icon}
                <span className="isolate-text truncate">{tab.label ?? tab.name}</span>
              </div>
              <button
                type="button"
                // Not a child that a tablist may have: for the pointer only, Delete does the same.
                aria-hidden
                tabIndex={-1}
                title={props.closeTitle(tab)}
                className="me-1 flex size-5 shrink-0 items-center justify-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink"
                onClick={() => props.onClose(tab.id)}
              >
                {tab.mark ? <span className="group-hover:hidden">{tab.mark}</span> : null}
                <X
                  className={cn(
                    "size-3.5",
                    tab.mark ? "hidden group-hover:block" : "opacity-0 group-hover:opacity-100",
                    selected && !tab.mark && "opacity-100",
                  )}
                />
              </button>
            </div>
          );
        })}
      </div>
      {/* A list of tabs may hold no field: it only looks as if it stood in it. */}
      {renaming && renamed >= 0 ? (
        <div style={{ order: renamed }} className="flex shrink-0 items-center px-1">
          {renaming.field}
        </div>
      ) : null}
    </div>
  );
}

/** Whether the pointer is in the half of a tab that is read last. */
function isBehindMiddle(event: DragEvent<HTMLElement>): boolean {
  const box = event.currentTarget.getBoundingClientRect();
  const behind = event.clientX > box.left + box.width / 2;
  return document.documentElement.dir === "rtl" ? !behind : behind;
}
