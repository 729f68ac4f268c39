/** The terminals of a workspace, in panes of tabs. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Maximize2, Minimize2, Plus, X } from "lucide-react";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { isMachine } from "@/api/agent";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useWide } from "@/lib/use-wide";
import { useTerminalActions } from "./actions";
import { useTerminalCommands } from "./commands";
import type { FilePlace } from "./file-links";
import type { PanelActions, PanelDialog } from "./panel-actions";
import { PanelDialogs } from "./panel-dialogs";
import { DropZones } from "./panes/drop-zones";
import { PaneBorder } from "./panes/pane-border";
import { PaneStrip } from "./panes/pane-strip";
import { layoutOf, usePanes } from "./panes/store";
import { STRIP_PX, styleOf } from "./panes/style";
import {
  focusedPane,
  joined,
  moveBeside,
  moveInto,
  type Pane,
  type PaneLayout,
  panesOf,
  paneWith,
  placesOf,
  resize,
  type Side,
  showTerminal,
  withTerminals,
} from "./panes/tree";
import { directoryOf, refreshTerminals, type Terminal, terminalList } from "./queries";
import { RenameField } from "./rename-field";
import { useTerminals } from "./store";
import { TabMenu } from "./tab-menu";
import type { TerminalView } from "./terminal";
import { TerminalPane } from "./terminal-pane";
import { useLastLines } from "./use-last-lines";

interface TerminalPanelProps {
  workspace: string;
  /** Whether the panel itself is to be seen. */
  visible: boolean;
  /** Whether the first look at it makes a terminal where there is none; yes when not said. */
  createsFirst?: boolean;
  /** Its place among other panels; absent where it stands alone. */
  frame?: PanelFrame;
  /** Opens a file that a terminal names; absent where there is no editor. */
  onOpenFile?: (place: FilePlace) => void;
}

/** What the page around the panel can do with it. */
interface PanelFrame {
  maximized: boolean;
  onMaximize: (maximized: boolean) => void;
  onHide: () => void;
  /** Brings the panel to sight, for commands that need it. */
  onReveal: () => void;
}

/** The directory that the paths of the files API begin in. */
function filesRoot(workspace: string): string {
  return isMachine(workspace) ? "/" : "/workspace";
}

export function TerminalPanel(props: TerminalPanelProps) {
  const { workspace, frame, createsFirst = true, onOpenFile } = props;
  const reveal = () => frame?.onReveal();
  const { t } = useTranslation("workbench");
  const client = useQueryClient();
  const list = useQuery(terminalList(workspace));
  const actions = useTerminalActions(workspace);
  const wide = useWide();
  const terminals = list.data?.items ?? [];
  const stored = usePanes((state) => state.layouts[workspace]) ?? layoutOf(workspace);
  const dragged = usePanes((state) => state.dragged);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [closing, setClosing] = useState<Terminal>();
  const [renaming, setRenaming] = useState<string>();
  const [searching, setSearching] = useState<string>();
  const [dialog, setDialog] = useState<PanelDialog>();
  const [focusNew, setFocusNew] = useState(false);
  const views = useRef(new Map<string, TerminalView>());
  const panel = useRef<HTMLDivElement>(null);

  const change = (edit: (layout: PaneLayout) => PaneLayout) =>
    usePanes.getState().change(workspace, edit);
  const ids = terminals.map(({ id }) => id);
  const known = ids.join(" ");
  useEffect(() => {
    if (!list.data) return;
    const there = known === "" ? [] : known.split(" ");
    usePanes.getState().change(workspace, (layout) => withTerminals(layout, there));
  }, [workspace, known, list.data]);

  // One at a time where there is no room for more.
  const layout = wide ? stored : joined(stored);
  const { panes, borders } = placesOf(layout.root);
  const focused = focusedPane(layout);
  const active = terminals.find(({ id }) => id === focused.active);
  const shown = panes.map(([pane]) => pane.active).filter((id) => id !== undefined);

  // A terminal is attached when it is first shown, and stays so behind other tabs.
  const unseen = props.visible ? shown.filter((id) => !seen.has(id) && ids.includes(id)) : [];
  if (unseen.length > 0) setSeen(new Set([...seen, ...unseen]));

  // Who opens a workspace without a terminal wants one; who closes the last one does not.
  const { create } = actions;
  const looked = useRef(false);
  useEffect(() => {
    if (!list.data || !list.isFetchedAfterMount || looked.current) return;
    looked.current = true;
    if (createsFirst && list.data.items.length === 0) void create();
  }, [list.data, list.isFetchedAfterMount, create, createsFirst]);

  const show = (terminal: string) => {
    setFocusNew(true);
    change((now) => showTerminal(now, terminal));
    views.current.get(terminal)?.focus();
  };
  const requestClose = (terminal: Terminal) => {
    const ended = terminal.exit || useTerminals.getState().streams[terminal.id]?.exit;
    if (ended) void actions.close(terminal);
    else setClosing(terminal);
  };
  const makeNew = () => {
    setFocusNew(true);
    reveal();
    void create();
  };
  const panelActions: PanelActions = {
    mayShare: !isMachine(workspace),
    open: (which) => {
      reveal();
      setDialog(which);
    },
    rename: ({ id }) => setRenaming(id),
    search: ({ id }) => setSearching(id),
    record: (terminal) => void actions.record(terminal),
    stopRecording: (terminal) => void actions.stopRecording(terminal),
    split: (side) => {
      setFocusNew(true);
      reveal();
      void (async () => {
        const cwd = active && (await directoryOf(workspace, active.id));
        const made = await create({ cwd });
        if (made) change((now) => moveBeside(now, made.id, focused.id, side));
      })();
    },
  };
  const moveTo = (target: (pane: Pane, all: readonly Pane[]) => Pane | undefined) => {
    const all = panesOf(layout.root);
    const pane = target(focused, all);
    if (active && pane) change((now) => moveInto(now, active.id, pane.id));
  };

  useLastLines(() => (active ? views.current.get(active.id) : undefined));
  useTerminalCommands({
    terminals,
    active,
    panes: panes.length,
    view: () => (active ? views.current.get(active.id) : undefined),
    reveal,
    show: (terminal) => show(terminal.id),
    makeNew,
    close: requestClose,
    restart: (terminal) => void actions.restart(terminal),
    panel: panelActions,
    moveToSide: (side) => active && change((now) => moveBeside(now, active.id, focused.id, side)),
    moveToNext: () => moveTo((pane, all) => all[(all.indexOf(pane) + 1) % all.length]),
    focusNext: () => {
      const next = panes[(panes.findIndex(([pane]) => pane === focused) + 1) % panes.length];
      if (next?.[0].active) show(next[0].active);
    },
    join: () => change(joined),
  });

  const closeById = (id: string) => withTerminal(terminals, id, requestClose);
  const renameField =
    renaming === undefined
      ? undefined
      : {
          id: renaming,
          field: (
            <RenameField
              name={terminals.find(({ id }) => id === renaming)?.name ?? ""}
              onDone={(name) => {
                setRenaming(undefined);
                withTerminal(terminals, renaming, (terminal) => {
                  if (name !== undefined) void actions.update(terminal, { name });
                  views.current.get(terminal.id)?.focus();
                });
              }}
            />
          ),
        };

  return (
    <div ref={panel} className="relative h-full min-h-0 overflow-hidden">
      {panes.map(([pane, place]) => (
        <PaneStrip
          key={pane.id}
          pane={pane}
          terminals={terminals}
          place={{ ...styleOf(place), height: STRIP_PX }}
          focused={pane.id === focused.id}
          renaming={renameField}
          onSelect={(id) => change((now) => showTerminal(now, id))}
          onClose={closeById}
          onRename={setRenaming}
          onMove={(id, index) => change((now) => moveInto(now, id, pane.id, index))}
          onNew={() => {
            const first = pane.active;
            if (first) change((now) => showTerminal(now, first));
            makeNew();
          }}
        >
          {pane.id === focused.id && active ? (
            <TabMenu terminal={active} actions={panelActions} />
          ) : null}
          {frame && place.top === 0 && isAtEnd(place) ? <FrameButtons frame={frame} /> : null}
        </PaneStrip>
      ))}
      {list.isError && !list.data ? (
        <div className="pt-9">
          <ErrorState
            error={list.error}
            onRetry={() => void list.refetch()}
            retrying={list.isFetching}
          />
        </div>
      ) : null}
      {list.data && terminals.length === 0 ? <NoTerminal onNew={makeNew} /> : null}
      {terminals
        .filter(({ id }) => seen.has(id))
        .map((terminal) => (
          <TerminalPane
            key={terminal.id}
            workspace={workspace}
            terminal={terminal}
            visible={shown.includes(terminal.id) && props.visible}
            place={bodyStyle(panes, terminal.id)}
            focusWhenShown={focusNew && terminal.id === active?.id}
            onFocus={() => change((now) => showTerminal(now, terminal.id))}
            onRestart={() => void actions.restart(terminal)}
            onClose={() => void actions.close(terminal)}
            onDisconnected={() => void refreshTerminals(client, workspace)}
            viewRef={(view) => {
              if (view) views.current.set(terminal.id, view);
              else views.current.delete(terminal.id);
            }}
            searching={searching === terminal.id}
            onSearch={(open) => setSearching(open ? terminal.id : undefined)}
            onHistory={() => setDialog("history")}
            files={onOpenFile && { root: filesRoot(workspace), open: onOpenFile }}
          />
        ))}
      {borders.map((border) => (
        <PaneBorder
          key={`${border.split} ${border.index}`}
          border={border}
          place={borderStyle(border.place, border.axis)}
          panel={() => panel.current}
          onShare={(share) => change((now) => resize(now, border.split, border.index, share))}
        />
      ))}
      {dragged !== undefined && paneWith(layout, dragged)
        ? panes.map(([pane, place]) => (
            <DropZones
              key={pane.id}
              place={below(styleOf(place))}
              onDrop={(side: Side) => {
                change((now) => moveBeside(now, dragged, pane.id, side));
                usePanes.getState().setDragged(undefined);
              }}
            />
          ))
        : null}
      <PanelDialogs
        workspace={workspace}
        terminal={active}
        dialog={dialog}
        onClose={() => {
          setDialog(undefined);
          if (active) views.current.get(active.id)?.focus();
        }}
        onUpdate={(edit) => active && void actions.update(active, edit)}
        onInsert={(line) => active && views.current.get(active.id)?.insert(line)}
      />
      <ConfirmDialog
        open={closing !== undefined}
        onOpenChange={(open) => !open && setClosing(undefined)}
        title={t("terminal.closeTitle", { name: closing?.name })}
        description={t("terminal.closeDescription")}
        action={t("terminal.closeAction")}
        pending={false}
        onConfirm={() => {
          if (closing) void actions.close(closing);
          setClosing(undefined);
        }}
      />
    </div>
  );
}

/** Shares add up to one but for rounding. */
function isAtEnd({ start, width }: { start: number; width: number }): boolean {
  return start + width > 0.999;
}

/** A place without the strip of tabs at its top. */
function below(style: CSSProperties): CSSProperties {
  return {
    ...style,
    top: `calc(${style.top} + ${STRIP_PX}px)`,
    height: `calc(${style.height} - ${STRIP_PX}px)`,
  };
}

function bodyStyle(panes: ReturnType<typeof placesOf>["panes"], terminal: string): CSSProperties {
  const [, place] = panes.find(([pane]) => pane.tabs.includes(terminal)) ?? [];
  return place ? below(styleOf(place)) : { display: "none" };
}

function borderStyle(place: Parameters<typeof styleOf>[0], axis: "row" | "column"): CSSProperties {
  const { width, height, ...corner } = styleOf(place);
  return axis === "row" ? { ...corner, height } : { ...corner, width };
}

function FrameButtons({ frame }: { frame: PanelFrame }) {
  const { t } = useTranslation("workbench");
  return (
    <span className="hidden md:contents">
      <IconButton
        label={t(frame.maximized ? "terminal.restore" : "terminal.maximize")}
        aria-pressed={frame.maximized}
        onClick={() => frame.onMaximize(!frame.maximized)}
      >
        {frame.maximized ? <Minimize2 /> : <Maximize2 />}
      </IconButton>
      <IconButton label={t("terminal.hide")} onClick={frame.onHide}>
        <X />
      </IconButton>
    </span>
  );
}

function withTerminal(
  terminals: readonly Terminal[],
  id: string,
  act: (terminal: Terminal) => void,
) {
  const terminal = terminals.find((other) => other.id === id);
  if (terminal) act(terminal);
}

function NoTerminal({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation("workbench");
  return (
    <div className="flex flex-col items-start gap-3 p-4 pt-12">
      <p className="text-ink-2">{t("terminal.none")}</p>
      <Button onClick={onNew}>
        <Plus aria-hidden />
        {t("terminal.newLong")}
      </Button>
    </div>
  );
}
