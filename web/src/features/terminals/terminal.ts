/** One terminal on the page: xterm.js, its addons, and the stream that feeds it. A lazy chunk. */
import "@xterm/xterm/css/xterm.css";
import { FitAddon } from "@xterm/addon-fit";
import { SearchAddon } from "@xterm/addon-search";
import { type ITheme, Terminal } from "@xterm/xterm";
import { addImages, addLinks, addUnicode, addWebgl } from "./addons";
import { takeBell } from "./bell";
import type { FileLinksOptions } from "./file-links";
import { ArmedKeys } from "./keys";
import { mustAsk, type Paste, preparePaste } from "./paste";
import { FONTS, LINE_HEIGHTS, type TerminalPreferences } from "./preferences";
import { muteReplies } from "./replies";
import { ShellMarks, type ShownCommand } from "./shell/marks";
import { type StreamEnvironment, type StreamState, TerminalStream } from "./stream";
import { searchColors } from "./theme";
import { selectByTouch } from "./touch";

export interface TerminalOptions {
  environment: StreamEnvironment;
  /** Where the output of before this view ends: what asks in it has been answered already. */
  historyEnd: number;
  /** It is only watched: nothing is typed, and the size is the others'. */
  readOnly: boolean;
  theme: ITheme;
  preferences: TerminalPreferences;
  screenReader: boolean;
  /** What the shell's own marks end with. */
  nonce: string | undefined;
  /** Files that open in the editor; absent where there is none. */
  files?: FileLinksOptions | undefined;
  onState: (state: StreamState) => void;
  /** A key press for the page rather than the program: true when the page took it. */
  onKey: (event: KeyboardEvent) => boolean;
  onSearchResults: (index: number, count: number) => void;
  /** Asks a person before lines are pasted that would run at once. */
  onPaste: (paste: Paste, go: () => void) => void;
  /** Control characters were taken out of what is pasted. */
  onCleaned: (removed: number) => void;
  onBell: () => void;
  onMarks: () => void;
  /** Something was selected by touch, or no more. */
  onTouchSelection: (selected: boolean) => void;
}

export class TerminalView {
  readonly xterm: Terminal;
  readonly marks: ShellMarks;
  /** Keys that a phone lacks, held for the next one. */
  readonly armed = new ArmedKeys();
  private readonly fitAddon = new FitAddon();
  private readonly searchAddon = new SearchAddon();
  private readonly stream: TerminalStream;
  private readonly encoder = new TextEncoder();
  private readonly resizeObserver: ResizeObserver;
  private preferences: TerminalPreferences;
  private replaying: boolean;
  /** The size came from another viewer or the agent: not to be sent back. */
  private takingSize = false;
  private disposed = false;
  private stopTouch = () => {};

  constructor(
    private readonly element: HTMLElement,
    private readonly options: TerminalOptions,
  ) {
    this.replaying = options.historyEnd > 0;
    this.preferences = options.preferences;
    this.xterm = new Terminal({
      allowProposedApi: true,
      disableStdin: options.readOnly,
      minimumContrastRatio: 4.5,
      screenReaderMode: options.screenReader,
      theme: options.theme,
      macOptionIsMeta: true,
      ...optionsOf(options.preferences),
    });
    this.stream = new TerminalStream(
      options.environment,
      {
        write: (bytes, consumed) =>
          this.xterm.write(bytes, () => {
            consumed();
            this.historyShown();
          }),
        // Through the queue of writes, so that it takes its turn.
        reset: () =>
          this.xterm.write("", () => {
            this.xterm.reset();
            this.marks.reset();
          }),
        resize: (cols, rows) => this.xterm.write("", () => this.takeSize(cols, rows)),
      },
      (state) => {
        if (state.connection.kind === "live") queueMicrotask(() => this.historyShown());
        options.onState(state);
      },
    );
    this.marks = new ShellMarks(
      this.xterm,
      options.nonce,
      () => (this.replaying ? undefined : Date.now()),
      options.onMarks,
    );
    this.xterm.loadAddon(this.fitAddon);
    this.xterm.loadAddon(this.searchAddon);
    this.searchAddon.onDidChangeResults(({ resultIndex, resultCount }) =>
      options.onSearchResults(resultIndex, resultCount),
    );
    addUnicode(this.xterm);
    addLinks(this.xterm, options.files, (text) => this.hint(text));
    muteReplies(this.xterm, () => this.replaying || options.readOnly);
    this.listen();
    this.resizeObserver = new ResizeObserver(() => this.fit());
  }

  /** Shows it. Fonts are waited for, because cells are measured once. */
  async open(): Promise<void> {
    const fonts = document.fonts.load(`${this.preferences.fontSize}px "IBM Plex Mono"`);
    await Promise.all([
      fonts.catch(() => []),
      this.preferences.images ? addImages(this.xterm) : undefined,
    ]);
    if (this.disposed) return;
    this.xterm.open(this.element);
    if (!this.options.screenReader) addWebgl(this.xterm);
    this.resizeObserver.observe(this.element);
    // Whoever types decides the size that all viewers share.
    this.element.addEventListener("focusin", () => this.fit());
    this.element.addEventListener("paste", this.takePaste, { capture: true });
    this.element.addEventListener("mouseup", this.copySelected);
    this.stopTouch = selectByTouch(this.element, this.xterm, this.options.onTouchSelection);
    if (!this.replaying) this.fit();
    this.stream.start();
    window.addEventListener("online", this.reconnectNow);
  }

  dispose(): void {
    this.disposed = true;
    window.removeEventListener("online", this.reconnectNow);
    this.element.removeEventListener("paste", this.takePaste, { capture: true });
    this.element.removeEventListener("mouseup", this.copySelected);
    this.stopTouch();
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
    if (this.options.readOnly || this.replaying || this.disposed) return;
    if (this.element.offsetParent === null) return;
    if (this.element.clientWidth < 20 || this.element.clientHeight < 20) return;
    this.fitAddon.fit();
  }

  reconnectNow = (): void => this.stream.reconnectNow();

  setTheme(theme: ITheme): void {
    this.xterm.options.theme = theme;
  }

  setPreferences(preferences: TerminalPreferences): void {
    this.preferences = preferences;
    Object.assign(this.xterm.options, optionsOf(preferences));
    this.fit();
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

  /** Copies what is selected, or a text. */
  async copy(text: string = this.selection): Promise<void> {
    if (text === "") return;
    // Without TLS there is no clipboard API; the old command still copies xterm's selection.
    if (navigator.clipboard) await navigator.clipboard.writeText(text);
    else document.execCommand("copy");
  }

  async paste(): Promise<void> {
    if (!navigator.clipboard?.readText) return;
    this.insert(await navigator.clipboard.readText());
  }

  /** Puts a text where the cursor is, as if pasted. */
  insert(raw: string): void {
    const paste = preparePaste(raw);
    if (paste.removed > 0) this.options.onCleaned(paste.removed);
    const go = () => {
      this.xterm.paste(paste.text);
      this.xterm.focus();
    };
    const { bracketedPasteMode } = this.xterm.modes;
    if (mustAsk(paste, bracketedPasteMode, this.preferences.pasteGuard)) {
      this.options.onPaste(paste, go);
    } else go();
  }

  /** Runs a command line once more, at the prompt. */
  run(line: string): void {
    this.xterm.paste(preparePaste(line).text);
    this.input("\r");
  }

  /** Scrolls to the next command before or after what is at the top. */
  jump(direction: "previous" | "next"): void {
    const { viewportY, baseY } = this.xterm.buffer.active;
    const lines = this.marks.all.map(({ prompt }) => prompt.line);
    const line =
      direction === "previous"
        ? lines.findLast((each) => each < viewportY)
        : lines.find((each) => each > viewportY);
    if (line !== undefined) this.xterm.scrollToLine(line);
    else if (direction === "next") this.xterm.scrollToLine(baseY);
  }

  outputOf(command: ShownCommand): string {
    return this.marks.outputOf(command);
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

  private listen(): void {
    this.xterm.onData((data) => this.type(data));
    this.xterm.onBinary((data) => this.stream.send(Uint8Array.from(data, (c) => c.charCodeAt(0))));
    this.xterm.onBell(() => {
      if (!this.replaying) takeBell(this.preferences.bell, this.options.onBell);
    });
    this.xterm.onResize(({ cols, rows }) => {
      if (!this.takingSize && !this.options.readOnly) this.stream.resize(cols, rows);
    });
    this.xterm.attachCustomKeyEventHandler((event) => this.keep(event));
  }

  private hint(text: string | undefined): void {
    if (text === undefined) this.element.removeAttribute("title");
    else this.element.title = text;
  }

  private takePaste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData("text/plain");
    if (text === undefined || this.options.readOnly) return;
    event.preventDefault();
    event.stopPropagation();
    this.insert(text);
  };

  private copySelected = (): void => {
    if (this.preferences.copyOnSelect) void this.copy().catch(() => {});
  };

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
    if (this.options.readOnly) return;
    this.stream.send(this.encoder.encode(this.armed.apply(data)));
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

function optionsOf(preferences: TerminalPreferences) {
  return {
    cursorBlink: preferences.cursorBlink,
    cursorStyle: preferences.cursor,
    fontFamily: FONTS[preferences.font],
    fontSize: preferences.fontSize,
    lineHeight: LINE_HEIGHTS[preferences.lineHeight],
    scrollback: preferences.scrollback,
  };
}
