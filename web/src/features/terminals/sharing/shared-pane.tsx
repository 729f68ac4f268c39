/** The terminal of a link. A lazy chunk. */
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { useResolvedTheme } from "@/lib/theme";
import { KeyBar } from "../key-bar";
import type { Paste } from "../paste";
import { PasteDialog } from "../paste-dialog";
import { TERMINAL_PREFERENCES } from "../preferences";
import { Presence } from "../presence";
import { sharedEnvironment } from "../socket";
import { useTerminals } from "../store";
import { StreamBanner } from "../stream-banner";
import { TerminalView } from "../terminal";
import { terminalTheme } from "../theme";
import type { SharedTerminal } from "./queries";

interface SharedPaneProps {
  token: string;
  shared: SharedTerminal;
  name: string;
  onDisconnected: () => void;
}

export function SharedPane({ token, shared, name, onDisconnected }: SharedPaneProps) {
  const { t } = useTranslation("terminals");
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<TerminalView>();
  const [paste, setPaste] = useState<{ paste: Paste; go: () => void }>();
  const stream = useTerminals((state) => state.streams[shared.id]);
  const theme = useResolvedTheme();
  const latest = useRef({ onDisconnected, historyEnd: shared.end_offset ?? 0, theme, t });
  latest.current = { ...latest.current, onDisconnected, theme, t };
  const readOnly = shared.access === "read";
  const exit = stream?.exit ?? shared.exit;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const made = new TerminalView(element, {
      environment: sharedEnvironment(token, name),
      historyEnd: latest.current.historyEnd,
      readOnly,
      theme: terminalTheme("auto", latest.current.theme),
      preferences: TERMINAL_PREFERENCES.read(undefined),
      screenReader: false,
      nonce: undefined,
      onState: (state) => {
        useTerminals.getState().setStream(shared.id, state);
        if (state.connection.kind === "reconnecting") latest.current.onDisconnected();
      },
      onKey: () => false,
      onSearchResults: () => {},
      onPaste: (asked, go) => setPaste({ paste: asked, go }),
      onCleaned: (count) => toast.info(latest.current.t("paste.cleaned", { count })),
      onBell: () => {},
      onMarks: () => {},
      onTouchSelection: () => {},
    });
    setView(made);
    void made.open().then(() => made.focus());
    return () => {
      made.dispose();
      useTerminals.getState().forget(shared.id);
    };
  }, [token, name, readOnly, shared.id]);
  useEffect(() => view?.setTheme(terminalTheme("auto", theme)), [view, theme]);

  return (
    <section aria-label={shared.name ?? ""} className="flex min-h-0 flex-1 flex-col">
      <StreamBanner stream={stream} onRetry={() => view?.reconnectNow()} />
      <div
        ref={place}
        dir="ltr"
        data-keys="raw"
        // What only watches shows the others' size, which may be larger than this window.
        className="min-h-0 flex-1 overflow-auto bg-surface px-2 pt-1"
      />
      {view && !readOnly ? <KeyBar view={view} /> : null}
      <footer className="flex min-h-8 items-center gap-2 border-t px-3 py-1 text-ink-2 text-xs">
        {exit ? <span>{t("shared.ended")}</span> : null}
        <span className="ms-auto flex items-center">
          <Presence terminal={shared.id} />
        </span>
      </footer>
      {paste ? (
        <PasteDialog
          paste={paste.paste}
          onCancel={() => setPaste(undefined)}
          onPaste={() => {
            setPaste(undefined);
            paste.go();
          }}
        />
      ) : null}
    </section>
  );
}
