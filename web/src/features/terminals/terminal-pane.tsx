/** One terminal: the screen, what its connection says, how it ended, and the search. */
import { CircleStop, RotateCcw } from "lucide-react";
import { type CSSProperties, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { usePreferences } from "@/lib/preferences";
import { handleShortcut } from "@/lib/shortcuts";
import { useResolvedTheme } from "@/lib/theme";
import { preloadImages } from "./addons";
import { CommandMenu } from "./command-menu";
import type { FilePlace } from "./file-links";
import { KeyBar } from "./key-bar";
import { pathInRoot } from "./links";
import type { Paste } from "./paste";
import { PasteDialog } from "./paste-dialog";
import { TERMINAL_PREFERENCES } from "./preferences";
import { directoryOf, fileChecker, historyEnd, type Terminal } from "./queries";
import { Gutter } from "./shell/gutter";
import type { ShownCommand } from "./shell/marks";
import { browserEnvironment } from "./socket";
import { useTerminals } from "./store";
import { StreamBanner } from "./stream-banner";
import { TerminalView } from "./terminal";
import { TerminalSearch } from "./terminal-search";
import { terminalTheme } from "./theme";
import { useCommandLabel } from "./use-command-label";

interface TerminalPaneProps {
  workspace: string;
  terminal: Terminal;
  visible: boolean;
  /** Where in the panel it stands. */
  place: CSSProperties;
  /** Moves the focus into it when it is shown. */
  focusWhenShown: boolean;
  onRestart: () => void;
  onClose: () => void;
  /** The focus came into it. */
  onFocus: () => void;
  /** Its connection was lost: it may have been deleted elsewhere. */
  onDisconnected: () => void;
  /** Gives the view to the panel's commands. */
  viewRef: (view: TerminalView | undefined) => void;
  searching: boolean;
  onSearch: (open: boolean) => void;
  onHistory: () => void;
  /** The directory that the files API's paths begin in; opens a file of it. */
  files: { root: string; open: (place: FilePlace) => void } | undefined;
}

export function TerminalPane(props: TerminalPaneProps) {
  const { workspace, terminal, visible } = props;
  const { t } = useTranslation("workbench");
  const { t: tt } = useTranslation("terminals");
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<TerminalView>();
  const [results, setResults] = useState({ index: -1, count: 0 });
  const [paste, setPaste] = useState<{ paste: Paste; go: () => void }>();
  const [menu, setMenu] = useState<{ command: ShownCommand; at: DOMRect }>();
  const [touched, setTouched] = useState(false);
  const [bells, setBells] = useState(0);
  const [preferences, changePreferences] = usePreferences(TERMINAL_PREFERENCES);
  const commandLabel = useCommandLabel();
  const stream = useTerminals((state) => state.streams[terminal.id]);
  const screenReader = useTerminals((state) => state.screenReader);
  const theme = useResolvedTheme();
  const exit = stream?.exit ?? terminal.exit;
  const latest = useRef({ ...props, tt, theme, preferences, commandLabel });
  latest.current = { ...props, tt, theme, preferences, commandLabel };

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let made: TerminalView | undefined;
    let gutter: Gutter | undefined;
    let gone = false;
    const exists = fileChecker(workspace);
    if (latest.current.preferences.images) preloadImages();
    void historyEnd(workspace, terminal.id).then((end) => {
      if (gone) return;
      const { files } = latest.current;
      made = new TerminalView(element, {
        environment: browserEnvironment(workspace, terminal.id),
        historyEnd: end,
        readOnly: false,
        theme: terminalTheme(latest.current.preferences.theme, latest.current.theme),
        preferences: latest.current.preferences,
        screenReader: useTerminals.getState().screenReader,
        nonce: latest.current.terminal.integration?.nonce,
        files: files && {
          resolve: async (path, line) => {
            let places = made?.marks.directoriesAt(line) ?? [];
            // Its screen was drawn anew: only the agent knows.
            if (places.length === 0) {
              const { cwd } = latest.current.terminal;
              places = [(await directoryOf(workspace, terminal.id)) ?? cwd];
            }
            for (const place of places) {
              const at = pathInRoot(path, place, files.root);
              if (at !== undefined && (await exists(at))) return at;
            }
            return undefined;
          },
          open: (file) => latest.current.files?.open(file),
          hover: () => {},
        },
        onState: (state) => {
          useTerminals.getState().setStream(terminal.id, state);
          if (state.connection.kind === "reconnecting") latest.current.onDisconnected();
        },
        onKey: (event) => takeKey(event, made, latest.current),
        onSearchResults: (index, count) => setResults({ index, count }),
        onPaste: (asked, go) => setPaste({ paste: asked, go }),
        onCleaned: (count) => toast.info(latest.current.tt("paste.cleaned", { count })),
        onBell: () => setBells((count) => count + 1),
        onMarks: () => gutter?.draw(),
        onTouchSelection: setTouched,
      });
      setView(made);
      latest.current.viewRef(made);
      void made.open().then(() => {
        if (gone || !made) return;
        gutter = new Gutter(element, made.xterm, made.marks, {
          label: (command) => latest.current.commandLabel(command),
          onOpen: (command, at) => setMenu({ command, at }),
        });
        if (latest.current.visible && latest.current.focusWhenShown) made.focus();
      });
    });
    return () => {
      gone = true;
      gutter?.dispose();
      made?.dispose();
      latest.current.viewRef(undefined);
      useTerminals.getState().forget(terminal.id);
    };
  }, [workspace, terminal.id]);

  useEffect(
    () => view?.setTheme(terminalTheme(preferences.theme, theme)),
    [view, theme, preferences.theme],
  );
  useEffect(() => view?.setPreferences(preferences), [view, preferences]);
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
      style={props.place}
      onFocusCapture={props.onFocus}
      className="absolute flex min-h-0 flex-col [[hidden]]:hidden"
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
        data-marks={preferences.commandMarks || undefined}
        className="relative min-h-0 flex-1 overflow-hidden bg-surface ps-4 pe-2 pt-1 not-data-marks:ps-2 not-data-marks:[&_.terminal-gutter]:hidden"
        style={{ backgroundColor: terminalTheme(preferences.theme, theme).background }}
      />
      {bells > 0 ? (
        <span
          // A new key begins the animation anew.
          key={bells}
          className="terminal-bell pointer-events-none absolute inset-0"
          aria-hidden
        />
      ) : null}
      {touched && view ? (
        <Button
          size="sm"
          variant="primary"
          className="absolute end-3 bottom-14 z-10"
          onClick={() => {
            void view.copy().then(() => toast.success(tt("touch.copied")));
            view.xterm.clearSelection();
            setTouched(false);
          }}
        >
          {tt("touch.copy")}
        </Button>
      ) : null}
      {view ? <KeyBar view={view} onHistory={props.onHistory} /> : null}
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
      {menu && view ? (
        <CommandMenu
          command={menu.command}
          at={menu.at}
          onCopyLine={() => void view.copy(menu.command.text ?? "")}
          onCopyOutput={() => void view.copy(view.outputOf(menu.command))}
          onRerun={() => view.run(menu.command.text ?? "")}
          onClose={() => setMenu(undefined)}
        />
      ) : null}
      {paste ? (
        <PasteDialog
          paste={paste.paste}
          onCancel={() => setPaste(undefined)}
          onPaste={(never) => {
            if (never) changePreferences({ pasteGuard: false });
            setPaste(undefined);
            paste.go();
          }}
        />
      ) : null}
    </section>
  );
}

/** Keys that the page takes from the program: its own shortcuts with Ctrl+Shift or F-keys, and these. */
function takeKey(
  event: KeyboardEvent,
  view: TerminalView | undefined,
  pane: Pick<TerminalPaneProps, "onSearch">,
): boolean {
  const control = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (control && event.code === "KeyF") {
    pane.onSearch(true);
    return true;
  }
  // Where there are no marks these keys are the program's own.
  if (control && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    if (!view || view.marks.all.length === 0) return false;
    view.jump(event.key === "ArrowUp" ? "previous" : "next");
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
