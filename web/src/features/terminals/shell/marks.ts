/**
 * The commands on a terminal's screen, as its shell marks them (crates/agent/src/terminals/shell):
 * OSC 133 `A` prompt, `B` command line, `C` output, `D;STATUS` end; OSC 633 `E;LINE;NONCE` the line.
 */
import type { IMarker, Terminal } from "@xterm/xterm";
import { decodeDirectory, decodeLine, parseMark } from "./sequences";

/** A command on the screen or in what has scrolled away. */
export interface ShownCommand {
  /** Where its prompt stands. */
  prompt: IMarker;
  /** Where its output begins. */
  output: IMarker | undefined;
  /** The line behind its output. */
  end: IMarker | undefined;
  /** The command line; absent when the shell did not say it. */
  text: string | undefined;
  /** Where the shell was when it began. */
  began: string | undefined;
  /** Where the shell was after it. */
  left: string | undefined;
  exitCode: number | undefined;
  /** When it began and ended on this page's clock; absent for what is shown again. */
  startedAt: number | undefined;
  endedAt: number | undefined;
}

/** More than the scrollback could hold prompts worth jumping to. */
const COMMANDS_MAX = 2_000;

export class ShellMarks {
  private commands: ShownCommand[] = [];
  private current: ShownCommand | undefined;
  /** Has ended, and the shell did not prompt since. */
  private ended: ShownCommand | undefined;
  /** Where the shell is (OSC 7); absent until it says so. */
  private directory: string | undefined;

  constructor(
    private readonly xterm: Terminal,
    /** What the shell's own marks end with; without it none is believed. */
    private readonly nonce: string | undefined,
    private readonly clock: () => number | undefined,
    private readonly changed: () => void,
  ) {
    xterm.parser.registerOscHandler(133, (data) => this.onMark(data));
    xterm.parser.registerOscHandler(633, (data) => this.onShell(data));
    xterm.parser.registerOscHandler(7, (data) => {
      this.directory = decodeDirectory(data) ?? this.directory;
      return true;
    });
  }

  /** Those that still stand somewhere, oldest first. Prompts at which nothing was run are none. */
  get all(): readonly ShownCommand[] {
    this.commands = this.commands.filter(({ prompt }) => !prompt.isDisposed);
    return this.commands;
  }

  /** The last one that has ended. */
  get last(): ShownCommand | undefined {
    return this.all.findLast(({ end }) => end !== undefined);
  }

  /** Everything was cleared. */
  reset(): void {
    this.commands = [];
    this.current = undefined;
    this.ended = undefined;
    this.directory = undefined;
    this.changed();
  }

  /** Where what a line names may stand, the likeliest first: what ran `cd` mostly did so before it printed. */
  directoriesAt(line: number): string[] {
    const command = this.all.findLast(({ prompt }) => prompt.line <= line);
    const isBehind = command?.end !== undefined && command.end.line <= line;
    const places = command && !isBehind ? [command.left, command.began] : [];
    const known = places.filter((place) => place !== undefined);
    if (known.length === 0 && this.directory !== undefined) return [this.directory];
    return [...new Set(known)];
  }

  /** What a command has printed, as text. */
  outputOf({ output, end }: ShownCommand): string {
    if (!output || output.isDisposed) return "";
    const { active } = this.xterm.buffer;
    const until = end && !end.isDisposed ? end.line : active.baseY + active.cursorY + 1;
    const lines: string[] = [];
    for (let at = output.line; at < until; at += 1) {
      const line = active.getLine(at);
      const text = line?.translateToString(true) ?? "";
      // A line that was too long for the screen is one line.
      if (line?.isWrapped && lines.length > 0) lines.push((lines.pop() ?? "") + text);
      else lines.push(text);
    }
    return lines.join("\n").trimEnd();
  }

  private onMark(data: string): boolean {
    const mark = parseMark(data);
    if (!mark || this.xterm.buffer.active.type === "alternate") return mark !== undefined;
    switch (mark.kind) {
      case "prompt":
        // The shell says where it is before it prompts.
        if (this.ended) this.ended.left = this.directory;
        this.ended = undefined;
        this.current = this.begin();
        break;
      case "output": {
        const command = this.current ?? this.begin();
        if (!command || command.output) break;
        command.output = this.xterm.registerMarker(0);
        command.began = this.directory;
        command.startedAt = this.clock();
        this.current = command;
        this.commands.push(command);
        if (this.commands.length > COMMANDS_MAX) this.commands.shift();
        break;
      }
      case "end":
        this.finish(mark.exitCode);
        break;
    }
    this.changed();
    return true;
  }

  private begin(): ShownCommand | undefined {
    const prompt = this.xterm.registerMarker(0);
    if (!prompt) return undefined;
    return {
      prompt,
      output: undefined,
      end: undefined,
      text: undefined,
      began: undefined,
      left: undefined,
      exitCode: undefined,
      startedAt: undefined,
      endedAt: undefined,
    };
  }

  private finish(exitCode: number | undefined): void {
    const command = this.current;
    if (!command?.output) return;
    command.end = this.xterm.registerMarker(0);
    command.exitCode = exitCode;
    command.endedAt = this.clock();
    this.ended = command;
    this.current = undefined;
  }

  private onShell(data: string): boolean {
    const line = decodeLine(data, this.nonce);
    if (line !== undefined && this.current) this.current.text = line;
    return true;
  }
}
