import { decode } from "./bytes.js";
import { BridgeError, ClosedError } from "./errors.js";
import type { Link } from "./link.js";
import type { BridgeMessage, ExitStatus, ProcessInfo } from "./messages.js";
import { type OutputListener, Stream } from "./stream.js";

/** Who hears of a process. */
export interface ProcessListeners {
  /** What it prints. */
  readonly stdout?: OutputListener;
  /** What it prints to its error stream. */
  readonly stderr?: OutputListener;
}

/** How a process ended. */
export interface ProcessExit extends ExitStatus {
  /** Because its time was over. */
  readonly timedOut: boolean;
  /** Output came that was no longer held when it was asked for: the client was away for too long. */
  readonly incomplete: boolean;
}

/** A process that is followed, over all connections. */
export class Process {
  readonly id: string;
  /** Resolves when it has ended and the listeners have all of its output. */
  readonly exited: Promise<ProcessExit>;
  readonly #stdout: Stream;
  readonly #stderr: Stream;
  #ended = false;
  #incomplete = false;
  #exit: (exit: ProcessExit) => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;

  constructor(
    private readonly link: Link,
    private readonly forget: (process: Process) => void,
    /** As the agent showed it when it was followed first. */
    readonly info: ProcessInfo,
    listeners: ProcessListeners,
  ) {
    this.id = info.id;
    const acknowledge = () => {
      const offsets = { stdout: this.#stdout.offset, stderr: this.#stderr.offset };
      this.link.tell({ type: "ack_process", process: this.id, ...offsets });
    };
    this.#stdout = new Stream(listeners.stdout, acknowledge);
    this.#stderr = new Stream(listeners.stderr, acknowledge);
    this.exited = new Promise((resolve, reject) => {
      this.#exit = resolve;
      this.#fail = reject;
    });
    // Whoever does not ask is not to be bothered.
    this.exited.catch(() => undefined);
  }

  /** Sends a signal to it and its group; SIGTERM when none is named. */
  async stop(signal?: string): Promise<void> {
    await this.link.ask("stop_process", { process: this.id, ...(signal && { signal }) });
  }

  /** Follows it no longer; it goes on. */
  async detach(): Promise<void> {
    this.end(new ClosedError("The process is no longer followed."));
    await this.link.ask("detach_process", { process: this.id });
  }

  /** @internal Follows it on a new connection, from where the listeners stand. */
  attach(): void {
    const offsets = { stdout: this.#stdout.offset, stderr: this.#stderr.offset };
    const asked = this.link.ask("attach_process", { process: this.id, ...offsets }, true);
    asked.then(
      ({ message }) => {
        if (message.stdout > offsets.stdout || message.stderr > offsets.stderr) {
          this.#incomplete = true;
        }
      },
      (error: unknown) => {
        // A connection that is cut is followed by another attempt.
        if (error instanceof BridgeError) this.end(error);
      },
    );
  }

  /** @internal */
  lost(): void {
    this.#stdout.lost();
    this.#stderr.lost();
  }

  /** @internal */
  end(error: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.forget(this);
    this.#fail(error);
  }

  /** @internal */
  take(message: BridgeMessage): void {
    if (message.type === "process_output") {
      const stream = message.stream === "stdout" ? this.#stdout : this.#stderr;
      if (stream.push(message.offset, decode(message.data))) this.#incomplete = true;
    } else if (message.type === "process_exited" && !this.#ended) {
      this.#ended = true;
      this.forget(this);
      const { status, timed_out: timedOut = false } = message;
      const drained = Promise.all([this.#stdout.drained(), this.#stderr.drained()]);
      void drained.then(() => this.#exit({ ...status, timedOut, incomplete: this.#incomplete }));
    }
  }
}
