/** One terminal on the page: xterm.js, its addons, and the stream that feeds it. A lazy chunk. */
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { Unicode11Addon } from "@xterm/addon-unicode11";
import { WebLinksAddon } from "@xterm/addon-web-links";
import { WebglAddon } from "@xterm/addon-webgl";
import { type ITheme, Terminal } from "@xterm/xterm";
import { controlCharacter } from "./keys";
import { muteReplies } from "./replies";
import { browserEnvironment } from "./socket";
import { type StreamState, TerminalStream } from "./stream";
import { searchColors } from "./theme";

/** Lines that can be scrolled back to; about 1 KB each. The agent's ring holds 4 MiB of output. */
const SCROLLBACK_LINES = 20_000;

export interface TerminalOptions {
  workspace: string;
  terminal: string;
  /** Where the output of before this view ends: what asks in it has been answered already. */
  historyEnd: number;
  theme: ITheme;
  screenReader: boolean;
  onState: (state: StreamState) => void;
  /** A key press for the page rather than the program: true when the page took it. */
  onKey: (event: KeyboardEvent) => boolean;
  onSearchResults: (index: number, count: number) => void;
}

/** The DOM renderer's text can be read by tests and by tools; `?renderer=dom` asks for it. */
function wantsDomRenderer(): boolean {
  const asked = new URLSearchParams(window.location.search).get("renderer");
  return (asked ?? localStorage.getItem("atelier.terminal.renderer")) === "dom";
}

export class TerminalView {
  private readonly xterm: Terminal;
  private readonly fitAddon = new FitAddon();
  private readonly searchAddon = new SearchAddon();
  private readonly stream: TerminalStream;
  private readonly encoder = new TextEncoder();
  private readonly resizeObserver: ResizeObserver;
  private replaying: boolean;
  /** The size came from another viewer or the agent: not to be sent back. */
  private takingSize = false;
  private disposed = false;
  /** The next letter is sent with Control held, as phones have no such key. */
  controlArmed = false;
  onControlUsed: () => void = () => {};

  constructor(
    private readonly element: HTMLElement,
    private readonly options: TerminalOptions,
  ) {
    this.replaying = options.historyEnd > 0;
    this.xterm = new Terminal({
      allowProposedApi: true,
      cursorBlink: true,
      fontFamily: '"IBM Plex Mono", monospace',
      fontSize: 13,
      lineHeight: 1.25,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK_LINES,
      screenReaderMode: options.screenReader,
      theme: options.theme,
      macOptionIsMeta: true,
    });
    this.stream = new TerminalStream(
      browserEnvironment(options.workspace, options.terminal),
      {
        write: (bytes, consumed) =>
          this.xterm.write(bytes, () => {
            consumed();
            this.historyShown();
          }),
        // Through the queue of writes, so that it takes its turn.
        reset: () => this.xterm.write("", () => this.xterm.reset()),
        resize: (cols, rows) => this.xterm.write("", () => this.takeSize(cols, rows)),
      },
      (state) => {
        if (state.connection.kind === "live") queueMicrotask(() => this.historyShown());
        options.onState(state);
      },
    );
    this.loadAddons();
    muteReplies(this.xterm, () => this.replaying);
    this.xterm.onData((data) => this.type(data));
    this.xterm.onBinary((data) => this.stream.send(Uint8Array.from(data, (c) => c.charCodeAt(0))));
    this.xterm.onResize(({ cols, rows }) => {
      if (!this.takingSize) this.stream.resize(cols, rows);
    });
    this.xterm.attachCustomKeyEventHandler((event) => this.keep(event));
    this.resizeObserver = new ResizeObserver(() => this.fit());
  }

  /** Shows it. Fonts are waited for, because cells are measured once. */
  async open(): Promise<void> {
    await document.fonts.load('13px "IBM Plex Mono"').catch(() => []);
    if (this.disposed) return;
    this.xterm.open(this.element);
    this.paintWithWebgl();
    this.resizeObserver.observe(this.element);
    // Whoever types decides the size that all viewers share.
    this.element.addEventListener("focusin", () => this.fit());
    if (!this.replaying) this.fit();
    this.stream.start();
    window.addEventListener("online", this.reconnectNow);
  }

  dispose(): void {
    this.disposed = true;
    window.removeEventListener("online", this.reconnectNow);
    this.resizeObserver.disconnect();
    this.stream.stop();
    this.xterm.dispose();
  }

  focus(): void {
    this.fit();
    this.xterm.focus();
  }

  /** Takes the size of the place that it stands in; nothing while it is hidden. */
  fit(): void {
    if (this.replaying || this.disposed || this.element.offsetParent === null) return;
    if (this.element.clientWidth < 20 || this.element.clientHeight < 20) return;
    this.fitAddon.fit();
  }

  reconnectNow = (): void => this.stream.reconnectNow();

  setTheme(theme: ITheme): void {
    this.xterm.options.theme = theme;
  }

  setScreenReader(on: boolean): void {
    this.xterm.options.screenReaderMode = on;
  }

  /** Types for the person: keys of the key bar. */
  input(data: string): void {
    this.xterm.input(data, true);
    this.xterm.focus();
  }

  /** An arrow, as the program wants it: applications may ask for another form (DECCKM). */
  arrow(letter: "A" | "B" | "C" | "D"): void {
    this.input(`\x1b${this.xterm.modes.applicationCursorKeysMode ? "O" : "["}${letter}`);
  }

  /** Clears what has scrolled away; the program's screen is its own. */
  clear(): void {
    this.xterm.clear();
  }

  get selection(): string {
    return this.xterm.getSelection();
  }

  async copy(): Promise<void> {
    const { selection } = this;
    if (selection === "") return;
    // Without TLS there is no clipboard API; the old command still copies xterm's selection.
    if (navigator.clipboard) await navigator.clipboard.writeText(selection);
    else document.execCommand("copy");
  }

  async paste(): Promise<void> {
    if (!navigator.clipboard?.readText) return;
    this.xterm.paste(await navigator.clipboard.readText());
  }

  find(text: string, direction: "next" | "previous", incremental: boolean): void {
    const options = { incremental, decorations: searchColors() };
    if (direction === "next") this.searchAddon.findNext(text, options);
    else this.searchAddon.findPrevious(text, options);
  }

  endFind(): void {
    this.searchAddon.clearDecorations();
    this.xterm.clearSelection();
  }

  private loadAddons(): void {
    this.xterm.loadAddon(this.fitAddon);
    this.xterm.loadAddon(this.searchAddon);
    this.xterm.loadAddon(new Unicode11Addon());
    this.xterm.unicode.activeVersion = "11";
    this.xterm.loadAddon(
      new WebLinksAddon((event, uri) => {
        // A plain click selects; only a deliberate one leaves the page.
        if (event.ctrlKey || event.metaKey) window.open(uri, "_blank", "noopener,noreferrer");
      }),
    );
    this.searchAddon.onDidChangeResults(({ resultIndex, resultCount }) =>
      this.options.onSearchResults(resultIndex, resultCount),
    );
  }

  private paintWithWebgl(): void {
    if (wantsDomRenderer() || this.options.screenReader) return;
    try {
      const webgl = new WebglAddon();
      // The browser takes contexts away when many are open; the DOM renderer goes on.
      webgl.onContextLoss(() => webgl.dispose());
      this.xterm.loadAddon(webgl);
    } catch {
      // No WebGL here: the DOM renderer, which is the default, stays.
    }
  }

  private historyShown(): void {
    if (!this.replaying || this.stream.consumedOffset < this.options.historyEnd) return;
    this.replaying = false;
    this.fit();
  }

  private takeSize(cols: number, rows: number): void {
    this.takingSize = true;
    this.xterm.resize(cols, rows);
    this.takingSize = false;
  }

  private type(data: string): void {
    let text = data;
    if (this.controlArmed) {
      text = controlCharacter(data) ?? data;
      this.controlArmed = false;
      this.onControlUsed();
    }
    this.stream.send(this.encoder.encode(text));
  }

  /** False keeps the key from the program. */
  private keep(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    const key = event.key.toLowerCase();
    if (event.ctrlKey && event.shiftKey && key === "c") {
      event.preventDefault();
      void this.copy();
      return false;
    }
    // The browser's own paste follows, which needs no permission.
    if (event.ctrlKey && event.shiftKey && key === "v") return false;
    if (this.options.onKey(event)) {
      event.preventDefault();
      return false;
    }
    return true;
  }
}
