/** Plays a recording: which events are due, without a screen and without a clock of its own. */
import { type Cast, type CastEvent, sizeOf } from "./cast";

interface PlayerScreen {
  /** As it was in the beginning. */
  reset(cols: number, rows: number): void;
  write(text: string): void;
  resize(cols: number, rows: number): void;
}

export class Player {
  /** Seconds from the beginning. */
  position = 0;
  private next = 0;

  constructor(
    private readonly cast: Cast,
    private readonly screen: PlayerScreen,
  ) {
    screen.reset(cast.cols, cast.rows);
  }

  get duration(): number {
    return this.cast.duration;
  }

  get ended(): boolean {
    return this.position >= this.cast.duration;
  }

  /** Shows what it showed at this time. */
  seek(to: number): void {
    const target = Math.min(Math.max(0, to), this.cast.duration);
    if (target < this.position) {
      // What was drawn cannot be undrawn: it is played again from its beginning.
      this.next = 0;
      this.screen.reset(this.cast.cols, this.cast.rows);
    }
    this.position = target;
    let output = "";
    let event = this.cast.events[this.next];
    while (event && event.at <= target) {
      if (event.kind === "output") output += event.data;
      else output = this.take(event, output);
      this.next += 1;
      event = this.cast.events[this.next];
    }
    if (output !== "") this.screen.write(output);
  }

  private take(event: CastEvent, output: string): string {
    const size = event.kind === "resize" ? sizeOf(event.data) : undefined;
    if (!size) return output;
    if (output !== "") this.screen.write(output);
    this.screen.resize(size.cols, size.rows);
    return "";
  }
}
