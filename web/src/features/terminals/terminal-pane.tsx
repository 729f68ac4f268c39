/** One terminal: the screen, what its connection says, how it ended, and the search. */
import { CircleStop, LoaderCircle, RotateCcw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { handleShortcut } from "@/lib/shortcuts";
import { useResolvedTheme } from "@/lib/theme";
import { KeyBar } from "./key-bar";
import { historyEnd, type Terminal } from "./queries";
import { useTerminals } from "./store";
import type { StreamState } from "./stream";
import { TerminalView } from "./terminal";
import { TerminalSearch } from "./terminal-search";
import { terminalTheme } from "./theme";

interface TerminalPaneProps {
  workspace: string;
  terminal: Terminal;
  visible: boolean;
  /** Moves the focus into it when it is shown. */
  focusWhenShown: boolean;
  onRestart: () => void;
  onClose: () => void;
  /** Its connection was lost: it may have been deleted elsewhere. */
  onDisconnected: () => void;
  /** Gives the view to the panel's commands. */
  viewRef: (view: TerminalView | undefined) => void;
  searching: boolean;
  onSearch: (open: boolean) => void;
}

export function TerminalPane(props: TerminalPaneProps) {
  const { workspace, terminal, visible } = props;
  const { t } = useTranslation("workbench");
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<TerminalView>();
  const [results, setResults] = useState({ index: -1, count: 0 });
  const stream = useTerminals((state) => state.streams[terminal.id]);
  const screenReader = useTerminals((state) => state.screenReader);
  const theme = useResolvedTheme();
  const exit = stream?.exit ?? terminal.exit;
  const latest = useRef({ ...props, theme });
  latest.current = { ...props, theme };

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let made: TerminalView | undefined;
    let gone = false;
    void historyEnd(workspace, terminal.id).then((end) => {
      if (gone) return;
      made = new TerminalView(element, {
        workspace,
        terminal: terminal.id,
        historyEnd: end,
        theme: terminalTheme(latest.current.theme),
        screenReader: useTerminals.getState().screenReader,
        onState: (state) => {
          useTerminals.getState().setStream(terminal.id, state);
          if (state.connection.kind === "reconnecting") latest.current.onDisconnected();
        },
        onKey: (event) => takeKey(event, () => latest.current.onSearch(true)),
        onSearchResults: (index, count) => setResults({ index, count }),
      });
      setView(made);
      latest.current.viewRef(made);
      void made.open().then(() => {
        if (latest.current.visible && latest.current.focusWhenShown) made?.focus();
      });
    });
    return () => {
      gone = true;
      made?.dispose();
      latest.current.viewRef(undefined);
      useTerminals.getState().forget(terminal.id);
    };
  }, [workspace, terminal.id]);

  useEffect(() => view?.setTheme(terminalTheme(theme)), [view, theme]);
  useEffect(() => view?.setScreenReader(screenReader), [view, screenReader]);
  useEffect(() => {
    if (!visible || !view) return;
    if (latest.current.focusWhenShown) view.focus();
    else view.fit();
  }, [visible, view]);

  return (
    <section
      aria-label={terminal.name}
      id={`terminal-${terminal.id}`}
      hidden={!visible}
      className="relative flex min-h-0 flex-1 flex-col [[hidden]]:hidden"
    >
      <StreamBanner stream={stream} onRetry={() => view?.reconnectNow()} />
      {props.searching && view ? (
        <TerminalSearch
          results={results}
          onFind={(text, direction, incremental) => view.find(text, direction, incremental)}
          onClose={() => {
            view.endFind();
            props.onSearch(false);
            view.focus();
          }}
        />
      ) : null}
      {/* The program decides the direction of its text; a terminal's cells run left to right. */}
      <div
        ref={place}
        dir="ltr"
        data-keys="raw"
        className="min-h-0 flex-1 overflow-hidden bg-surface px-2 pt-1"
      />
      {view ? <KeyBar view={view} /> : null}
      {exit ? (
        <div className="flex flex-wrap items-center gap-2 border-t bg-canvas px-3 py-1">
          <span className="flex items-center gap-1.5 text-ink-2">
            <CircleStop className="size-4" aria-hidden />
            {exit.signal != null
              ? t("terminal.exitedBySignal", { signal: exit.signal })
              : t("terminal.exited", { code: exit.code ?? 0 })}
          </span>
          <Button size="sm" onClick={props.onRestart}>
            <RotateCcw aria-hidden />
            {t("terminal.restart")}
          </Button>
          <Button size="sm" variant="ghost" onClick={props.onClose}>
            {t("terminal.closeShort")}
          </Button>
        </div>
      ) : null}
    </section>
  );
}

/** Keys that the page takes from the program: its own shortcuts with Ctrl+Shift or F-keys, and these. */
function takeKey(event: KeyboardEvent, search: () => void): boolean {
  const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (control && event.code === "KeyF") {
    search();
    return true;
  }
  // The panel's own toggle must work from inside the panel.
  if (control && event.code === "Backquote") return handleShortcut(asOutside(event));
  return false;
}

/** The same key press, as if it came from outside of the terminal. */
function asOutside(event: KeyboardEvent): KeyboardEvent {
  const { key, code, ctrlKey, metaKey } = event;
  return new KeyboardEvent("keydown", { key, code, ctrlKey, metaKey, cancelable: true });
}

function StreamBanner({
  stream,
  onRetry,
}: {
  stream: StreamState | undefined;
  onRetry: () => void;
}) {
  const { t } = useTranslation("workbench");
  const reconnecting = stream?.connection.kind === "reconnecting";
  const pending = stream?.pendingBytes ?? 0;
  const message = stream?.inputRefused
    ? t(reconnecting ? "terminal.inputRefusedOffline" : "terminal.inputRefused")
    : stream?.error;
  if (!reconnecting && !message && pending === 0) return null;
  return (
    <output
      aria-live="polite"
      className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b bg-warn-soft px-3 py-1 text-warn"
    >
      {reconnecting ? (
        <span className="flex items-center gap-1.5">
          <LoaderCircle className="size-4 animate-spin" aria-hidden />
          {t("terminal.reconnecting")}
          <Button size="sm" variant="link" onClick={onRetry}>
            {t("terminal.retryNow")}
          </Button>
        </span>
      ) : null}
      {pending > 0 ? <span>{t("terminal.pending", { count: pending })}</span> : null}
      {message ? <span>{message}</span> : null}
    </output>
  );
}
