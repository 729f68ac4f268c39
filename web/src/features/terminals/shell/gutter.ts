/** The marks beside a terminal's commands: how each ended, and a way to what can be done with it. */
import type { Terminal } from "@xterm/xterm";
import type { ShellMarks, ShownCommand } from "./marks";

type CommandState = "running" | "ok" | "failed" | "unknown";

export function stateOf({ end, exitCode }: ShownCommand): CommandState {
  if (!end) return "running";
  if (exitCode === undefined) return "unknown";
  return exitCode === 0 ? "ok" : "failed";
}

interface GutterOptions {
  /** What a mark is called. */
  label: (command: ShownCommand) => string;
  onOpen: (command: ShownCommand, at: DOMRect) => void;
}

/** Draws the marks of the commands in sight; the element stands beside the screen, as high as it. */
export class Gutter {
  private readonly element = document.createElement("div");
  private frame = 0;
  private shown = new Map<ShownCommand, HTMLButtonElement>();

  constructor(
    place: HTMLElement,
    private readonly xterm: Terminal,
    private readonly marks: ShellMarks,
    private readonly options: GutterOptions,
  ) {
    this.element.className = "terminal-gutter";
    place.append(this.element);
    xterm.onRender(() => this.draw());
    xterm.onScroll(() => this.draw());
  }

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.element.remove();
  }

  /** Draws with the next frame. */
  draw(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.drawNow();
    });
  }

  private drawNow(): void {
    const { buffer, rows, element } = this.xterm;
    const screen = element?.querySelector<HTMLElement>(".xterm-screen");
    const inSight = new Map<ShownCommand, number>();
    if (screen && buffer.active.type === "normal") {
      for (const command of this.marks.all) {
        const row = command.prompt.line - buffer.active.viewportY;
        if (row >= 0 && row < rows) inSight.set(command, row);
      }
    }
    for (const [command, button] of this.shown) {
      if (inSight.has(command)) continue;
      button.remove();
      this.shown.delete(command);
    }
    const height = (screen?.clientHeight ?? 0) / rows;
    const top = screen ? screen.getBoundingClientRect().top - this.top() : 0;
    for (const [command, row] of inSight) {
      const button = this.shown.get(command) ?? this.add(command);
      button.dataset.state = stateOf(command);
      button.title = this.options.label(command);
      button.ariaLabel = button.title;
      button.style.insetBlockStart = `${top + row * height}px`;
      button.style.blockSize = `${height}px`;
    }
  }

  private top(): number {
    return this.element.getBoundingClientRect().top;
  }

  private add(command: ShownCommand): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "terminal-mark";
    // The terminal keeps the focus; the palette reaches the same by keyboard.
    button.tabIndex = -1;
    button.addEventListener("pointerdown", (event) => event.preventDefault());
    button.addEventListener("click", () =>
      this.options.onOpen(command, button.getBoundingClientRect()),
    );
    this.element.append(button);
    this.shown.set(command, button);
    return button;
  }
}
