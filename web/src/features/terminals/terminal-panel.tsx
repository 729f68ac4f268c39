/** The terminals of a workspace, in tabs. xterm.js comes with the first pane that is shown. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Maximize2, Minimize2, Plus, SquareTerminal, Users, X } from "lucide-react";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/components/error-state";
import { TabStrip } from "@/components/tab-strip";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useTerminalActions } from "./actions";
import { useTerminalCommands } from "./commands";
import { refreshTerminals, type Terminal, terminalList } from "./queries";
import { RenameField } from "./rename-field";
import { useTerminals } from "./store";
import type { TerminalView } from "./terminal";

const TerminalPane = lazy(async () => ({
  default: (await import("./terminal-pane")).TerminalPane,
}));

interface TerminalPanelProps {
  workspace: string;
  /** Whether the panel itself is to be seen. */
  visible: boolean;
  /** Whether the first look at it makes a terminal where there is none; yes when not said. */
  createsFirst?: boolean;
  /** Its place among other panels; absent where it stands alone. */
  frame?: PanelFrame;
}

/** What the page around the panel can do with it. */
interface PanelFrame {
  maximized: boolean;
  onMaximize: (maximized: boolean) => void;
  onHide: () => void;
  /** Brings the panel to sight, for commands that need it. */
  onReveal: () => void;
}

export function TerminalPanel(props: TerminalPanelProps) {
  const { workspace, frame, createsFirst = true } = props;
  const reveal = () => frame?.onReveal();
  const { t } = useTranslation("workbench");
  const client = useQueryClient();
  const list = useQuery(terminalList(workspace));
  const actions = useTerminalActions(workspace);
  const terminals = list.data?.items ?? [];
  const remembered = useTerminals((state) => state.active[workspace]);
  const active = terminals.find(({ id }) => id === remembered) ?? terminals.at(-1);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set());
  const [closing, setClosing] = useState<Terminal>();
  const [renaming, setRenaming] = useState<string>();
  const [searching, setSearching] = useState<string>();
  const [focusNew, setFocusNew] = useState(false);
  const views = useRef(new Map<string, TerminalView>());

  // A terminal is attached when it is first shown, and stays so behind other tabs.
  if (active && props.visible && !seen.has(active.id)) setSeen(new Set([...seen, active.id]));

  // Who opens a workspace without a terminal wants one; who closes the last one does not.
  const { create } = actions;
  const looked = useRef(false);
  useEffect(() => {
    if (!list.data || !list.isFetchedAfterMount || looked.current) return;
    looked.current = true;
    if (createsFirst && list.data.items.length === 0) void create();
  }, [list.data, list.isFetchedAfterMount, create, createsFirst]);

  const show = (terminal: Terminal) => {
    setFocusNew(true);
    useTerminals.getState().show(workspace, terminal.id);
    views.current.get(terminal.id)?.focus();
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

  useTerminalCommands({
    terminals,
    active,
    view: () => (active ? views.current.get(active.id) : undefined),
    reveal,
    show,
    makeNew,
    close: requestClose,
    restart: (terminal) => void actions.restart(terminal),
    rename: (terminal) => setRenaming(terminal.id),
    search: (terminal) => setSearching(terminal.id),
  });

  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-9 shrink-0 items-center border-b bg-canvas pe-1">
        <TabStrip
          label={t("terminal.tabs")}
          tabs={terminals.map((terminal) => ({
            id: terminal.id,
            name: terminal.name,
            title: terminal.title ?? terminal.command.join(" "),
            icon: <TerminalIcon terminal={terminal} />,
            label: (
              <>
                <bdi>{terminal.name}</bdi>
                <Viewers terminal={terminal.id} />
              </>
            ),
            controls: `terminal-${terminal.id}`,
          }))}
          active={active?.id}
          closeTitle={(tab) => t("terminal.close", { name: tab.name })}
          onSelect={(id) => useTerminals.getState().show(workspace, id)}
          onClose={(id) => withTerminal(terminals, id, requestClose)}
          onRename={setRenaming}
          renaming={
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
                          if (name !== undefined) void actions.rename(terminal, name);
                          views.current.get(terminal.id)?.focus();
                        });
                      }}
                    />
                  ),
                }
          }
        />
        <IconButton label={t("terminal.new")} onClick={makeNew}>
          <Plus />
        </IconButton>
        {frame ? <FrameButtons frame={frame} /> : null}
      </div>
      {list.isError && !list.data ? (
        <ErrorState
          error={list.error}
          onRetry={() => void list.refetch()}
          retrying={list.isFetching}
        />
      ) : null}
      {list.data && terminals.length === 0 ? <NoTerminal onNew={makeNew} /> : null}
      <Suspense fallback={<div className="skeleton m-3 h-4 w-48" />}>
        {terminals
          .filter(({ id }) => seen.has(id))
          .map((terminal) => (
            <TerminalPane
              key={terminal.id}
              workspace={workspace}
              terminal={terminal}
              visible={terminal.id === active?.id && props.visible}
              focusWhenShown={focusNew}
              onRestart={() => void actions.restart(terminal)}
              onClose={() => void actions.close(terminal)}
              onDisconnected={() => void refreshTerminals(client, workspace)}
              viewRef={(view) => {
                if (view) views.current.set(terminal.id, view);
                else views.current.delete(terminal.id);
              }}
              searching={searching === terminal.id}
              onSearch={(open) => setSearching(open ? terminal.id : undefined)}
            />
          ))}
      </Suspense>
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

/** Dimmed when the program has ended; the word stands in the pane. */
function TerminalIcon({ terminal }: { terminal: Terminal }) {
  const ended = useTerminals((state) => state.streams[terminal.id]?.exit) ?? terminal.exit;
  return (
    <SquareTerminal className={ended ? "size-4 text-ink-3 opacity-60" : "size-4"} aria-hidden />
  );
}

/** Someone else looks at it, too. */
function Viewers({ terminal }: { terminal: string }) {
  const { t } = useTranslation("workbench");
  const viewers = useTerminals((state) => state.streams[terminal]?.viewers ?? 0);
  if (viewers < 2) return null;
  const words = t("terminal.viewers", { count: viewers });
  return (
    <span title={words} className="ms-1.5 inline-flex items-center gap-0.5 text-ink-3 text-xs">
      <Users className="size-3.5" aria-hidden />
      <span aria-hidden>{viewers}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

function NoTerminal({ onNew }: { onNew: () => void }) {
  const { t } = useTranslation("workbench");
  return (
    <div className="flex flex-col items-start gap-3 p-4">
      <p className="text-ink-2">{t("terminal.none")}</p>
      <Button onClick={onNew}>
        <Plus aria-hidden />
        {t("terminal.newLong")}
      </Button>
    </div>
  );
}
