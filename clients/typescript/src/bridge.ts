import type { Backoff } from "./backoff.js";
import { bytesOf, decode, encode, joined } from "./bytes.js";
import { ClosedError, LimitError } from "./errors.js";
import { Link, type State } from "./link.js";
import type { BridgeMessage, FileEntry, ProcessInfo, Root } from "./messages.js";
import { Process, type ProcessExit, type ProcessListeners } from "./process.js";
import { platformSocket, type SocketFactory } from "./socket.js";
import { Terminal, type TerminalListeners } from "./terminal.js";
import { Watch, type WatchListeners, type WatchOptions } from "./watch.js";

/** How much output `exec` gathers, in bytes, where nothing else is said. */
const GATHERED_MAX = 16 * 1024 * 1024;

/** Where the workspace is, and how it is reached. */
export interface BridgeOptions {
  /** The control plane: `https://atelier.example.org`. */
  readonly url: string;
  /** The workspace's id: `ws_…`. */
  readonly workspace: string;
  /** Opens WebSockets; the platform's own when absent. */
  readonly openSocket?: SocketFactory;
  readonly backoff?: Backoff;
  /** Numbers from 0 to 1, for the jitter. */
  readonly random?: () => number;
}

/** What a terminal is created as. */
export interface TerminalOptions {
  readonly name?: string;
  /** The program and its arguments; the login shell when absent. */
  readonly command?: string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  readonly cols?: number;
  readonly rows?: number;
}

/** How a command is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** It is ended after so many milliseconds. */
  readonly timeoutMs?: number;
}

/** What a file is written over: a version, whatever is there (`"*"`), or nothing (`"absent"`). */
export type Over = "*" | "absent" | { readonly etag: string };

/** A workspace, driven over its bridge. */
export class Bridge {
  readonly #link: Link;
  readonly #terminals = new Map<string, Terminal>();
  readonly #processes = new Map<string, Process>();
  readonly #watches = new Set<Watch>();
  readonly #stateListeners = new Set<(state: State) => void>();

  /** Connects at once. */
  constructor(options: BridgeOptions) {
    const base = options.url.replace(/\/+$/, "").replace(/^http/, "ws");
    this.#link = new Link(
      {
        url: `${base}/api/v1/workspaces/${options.workspace}/bridge`,
        session: newSession(),
        openSocket: options.openSocket ?? platformSocket,
        backoff: options.backoff ?? {},
        random: options.random ?? Math.random,
      },
      {
        welcome: () => {
          for (const handle of [...this.#terminals.values(), ...this.#processes.values()]) {
            handle.attach();
          }
          for (const watch of this.#watches) watch.attachAgain();
        },
        lost: () => {
          const handles = [this.#terminals, this.#processes].flatMap((all) => [...all.values()]);
          for (const handle of [...handles, ...this.#watches]) handle.lost();
        },
        message: (message) => this.#take(message),
        state: (state) => {
          for (const listener of this.#stateListeners) listener(state);
        },
      },
    );
    this.#link.connect();
  }

  /** How the connection stands. */
  get state(): State {
    return this.#link.state;
  }

  /** Calls `listener` whenever the connection changes; until what this gives back is called. */
  onState(listener: (state: State) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Ends the connection. Terminals and processes go on; what waits for an answer is rejected. */
  close(): void {
    this.#link.close("it was closed here");
    const error = new ClosedError("The bridge was closed.");
    const handles = [this.#terminals, this.#processes].flatMap((all) => [...all.values()]);
    for (const handle of handles) handle.end(error);
    this.#watches.clear();
  }

  /** Creates a terminal and follows it. */
  async createTerminal(
    options: TerminalOptions = {},
    listeners: TerminalListeners = {},
  ): Promise<Terminal> {
    return new Promise((resolve, reject) => {
      const asked = this.#link.ask("create_terminal", { ...options }, false, (answer) => {
        const terminal = this.#follow(answer.message.terminal, listeners, 0);
        // The answer that was lost had output after it.
        if (answer.again) terminal.attach();
        resolve(terminal);
      });
      asked.catch(reject);
    });
  }

  /** Follows a terminal that is there, from `offset` on or with as much as is held. */
  async attachTerminal(
    id: string,
    listeners: TerminalListeners = {},
    offset?: number,
  ): Promise<Terminal> {
    const from = offset === undefined ? {} : { offset };
    return new Promise((resolve, reject) => {
      const asked = this.#link.ask(
        "attach_terminal",
        { terminal: id, ...from },
        false,
        (answer) => {
          const info = answer.message.terminal;
          resolve(this.#follow(info, listeners, offset ?? info.start_offset));
        },
      );
      asked.catch(reject);
    });
  }

  /** Starts a program and follows its output. */
  async run(
    command: string[],
    options: RunOptions = {},
    listeners: ProcessListeners = {},
  ): Promise<Process> {
    const { timeoutMs, ...rest } = options;
    const fields = { command, ...rest, ...(timeoutMs !== undefined && { timeout_ms: timeoutMs }) };
    return new Promise((resolve, reject) => {
      const asked = this.#link.ask("run_command", fields, false, ({ message, again }) => {
        const forget = (process: Process) => this.#processes.delete(process.id);
        const process = new Process(this.#link, forget, message.process, listeners);
        this.#processes.set(process.id, process);
        // The answer that was lost had output after it.
        if (again) process.attach();
        resolve(process);
      });
      asked.catch(reject);
    });
  }

  /** Runs a program to its end, and gathers what it prints. */
  async exec(
    command: string[],
    options: RunOptions & { readonly maxBytes?: number } = {},
  ): Promise<{ exit: ProcessExit; stdout: Uint8Array; stderr: Uint8Array }> {
    const { maxBytes = GATHERED_MAX, ...rest } = options;
    const [stdout, stderr]: [Uint8Array[], Uint8Array[]] = [[], []];
    let length = 0;
    const gather = (pieces: Uint8Array[]) => (bytes: Uint8Array) => {
      length += bytes.length;
      if (length <= maxBytes) pieces.push(bytes);
    };
    const listeners = { stdout: gather(stdout), stderr: gather(stderr) };
    const process = await this.run(command, rest, listeners);
    const exit = await process.exited;
    if (length > maxBytes) {
      throw new LimitError(`\`${command[0]}\` printed ${length} bytes; ${maxBytes} are gathered.`);
    }
    return { exit, stdout: joined(stdout), stderr: joined(stderr) };
  }

  /** The processes that the agent remembers. */
  async listProcesses(): Promise<ProcessInfo[]> {
    return (await this.#link.ask("list_processes", {})).message.items;
  }

  /** Reads a whole file, and which version it is. */
  async readFile(
    path: string,
    options: { readonly root?: Root; readonly maxBytes?: number } = {},
  ): Promise<{ bytes: Uint8Array; etag: string }> {
    const { root = "workspace", maxBytes = GATHERED_MAX } = options;
    let pieces: Uint8Array[] = [];
    let [offset, etag] = [0, ""];
    for (;;) {
      const { message } = await this.#link.ask("read_file", { root, path, offset });
      if (message.size > maxBytes) {
        throw new LimitError(`“${path}” has ${message.size} bytes; ${maxBytes} are read.`);
      }
      if (etag && message.etag !== etag) {
        // It was written meanwhile: what was read is of no version.
        [pieces, offset, etag] = [[], 0, ""];
        continue;
      }
      etag = message.etag;
      const bytes = decode(message.data);
      pieces.push(bytes);
      offset += bytes.length;
      if (offset >= message.size || bytes.length === 0) return { bytes: joined(pieces), etag };
    }
  }

  /** Writes a whole file of up to 1 MiB, atomically. */
  async writeFile(
    path: string,
    content: string | Uint8Array,
    over: Over,
    root: Root = "workspace",
  ): Promise<FileEntry> {
    const condition =
      over === "absent" ? { if_absent: true } : { if_match: over === "*" ? "*" : over.etag };
    const fields = { root, path, data: encode(bytesOf(content)), ...condition };
    return (await this.#link.ask("write_file", fields)).message.entry;
  }

  /** The entries of a directory, page by page. */
  async *listFiles(path = "", root: Root = "workspace"): AsyncGenerator<FileEntry> {
    let cursor: string | null | undefined;
    do {
      const from: { cursor?: string } = cursor ? { cursor } : {};
      const { message } = await this.#link.ask("list_files", { root, path, ...from });
      yield* message.items;
      cursor = message.next_cursor;
    } while (cursor);
  }

  /** Watches a directory. */
  async watchFiles(options: WatchOptions, listeners: WatchListeners): Promise<Watch> {
    const forget = (watch: Watch) => this.#watches.delete(watch);
    const watch = new Watch(this.#link, forget, options, listeners);
    await watch.attach(false, () => this.#watches.add(watch));
    return watch;
  }

  #follow(
    info: ConstructorParameters<typeof Terminal>[2],
    listeners: TerminalListeners,
    offset: number,
  ): Terminal {
    const forget = (terminal: Terminal) => this.#terminals.delete(terminal.id);
    const terminal = new Terminal(this.#link, forget, info, listeners, offset);
    this.#terminals.set(terminal.id, terminal);
    return terminal;
  }

  #take(message: BridgeMessage): void {
    if ("terminal" in message && typeof message.terminal === "string") {
      this.#terminals.get(message.terminal)?.take(message);
    } else if ("process" in message && typeof message.process === "string") {
      this.#processes.get(message.process)?.take(message);
    } else if ("watch" in message) {
      for (const watch of this.#watches) if (watch.id === message.watch) watch.take(message);
    }
  }
}

/** A name that nobody guesses. */
function newSession(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return encode(bytes).replaceAll("+", "-").replaceAll("/", "_");
}
