/** The tabs of one pane, and what can be done there. */
import { CircleDot, Plus } from "lucide-react";
import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TabStrip } from "@/components/tab-strip";
import { IconButton } from "@/components/ui/icon-button";
import { cn } from "@/lib/cn";
import { colorOf, iconOf } from "../appearance";
import { Presence } from "../presence";
import type { Terminal } from "../queries";
import { useTerminals } from "../store";
import { usePanes } from "./store";
import type { Pane } from "./tree";

interface PaneStripProps {
  pane: Pane;
  terminals: readonly Terminal[];
  /** Where it stands in the panel. */
  place: CSSProperties;
  focused: boolean;
  renaming: { id: string; field: ReactNode } | undefined;
  onSelect: (id: string) => void;
  onClose: (id: string) => void;
  onRename: (id: string) => void;
  onMove: (id: string, index: number) => void;
  onNew: () => void;
  /** More buttons, behind "New". */
  children?: ReactNode;
}

export function PaneStrip(props: PaneStripProps) {
  const { t } = useTranslation("workbench");
  const dragged = usePanes((state) => state.dragged);
  const { setDragged } = usePanes.getState();
  const shown = props.pane.tabs
    .map((id) => props.terminals.find((terminal) => terminal.id === id))
    .filter((terminal) => terminal !== undefined);
  return (
    <div
      style={props.place}
      className={cn(
        "absolute flex h-9 items-center border-b bg-canvas pe-1",
        !props.focused && "opacity-80",
      )}
    >
      <TabStrip
        label={t("terminal.tabs")}
        tabs={shown.map((terminal) => ({
          id: terminal.id,
          name: terminal.name,
          title: terminal.title ?? terminal.command.join(" "),
          icon: <TabIcon terminal={terminal} />,
          label: (
            <span className="flex items-center">
              <bdi className={colorOf(terminal)}>{terminal.name}</bdi>
              <Recorded terminal={terminal} />
              <Presence terminal={terminal.id} />
            </span>
          ),
          controls: `terminal-${terminal.id}`,
        }))}
        active={props.pane.active}
        closeTitle={(tab) => t("terminal.close", { name: tab.name })}
        onSelect={props.onSelect}
        onClose={props.onClose}
        onRename={props.onRename}
        renaming={props.renaming}
        dragging={{
          active: dragged !== undefined,
          onStart: setDragged,
          onEnd: () => setDragged(undefined),
          onDrop: (index) => {
            if (dragged !== undefined) props.onMove(dragged, index);
            setDragged(undefined);
          },
        }}
      />
      <IconButton label={t("terminal.new")} onClick={props.onNew}>
        <Plus />
      </IconButton>
      {props.children}
    </div>
  );
}

/** Dimmed when the program has ended; the word stands in the pane. */
function TabIcon({ terminal }: { terminal: Terminal }) {
  const ended = useTerminals((state) => state.streams[terminal.id]?.exit) ?? terminal.exit;
  const Icon = iconOf(terminal);
  return (
    <Icon
      className={cn("size-4 shrink-0", colorOf(terminal), ended && "text-ink-3 opacity-60")}
      aria-hidden
    />
  );
}

/** Everybody who watches is to know that it is recorded. */
function Recorded({ terminal }: { terminal: Terminal }) {
  const { t } = useTranslation("terminals");
  if (terminal.recording == null) return null;
  const words = t("recordings.running");
  return (
    <span title={words} className="ms-1.5 flex text-bad">
      <CircleDot className="size-3.5" aria-hidden />
      <span className="sr-only">{words}</span>
    </span>
  );
}
