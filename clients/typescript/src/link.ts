import { type Backoff, waitMs } from "./backoff.js";
import { BridgeError, ClosedError, LimitError } from "./errors.js";
import {
  type Answers,
  type AnswerTo,
  type Asking,
  type BridgeMessage,
  type BridgeRequest,
  CLOSE_TAKEN_OVER,
  DONE_ONCE,
  type Fields,
  REQUEST_MAX_BYTES,
  SUBPROTOCOL,
} from "./messages.js";
import { Queue } from "./queue.js";
import type { SocketFactory, SocketLike } from "./socket.js";

/** How long a connection may take to be welcomed, in milliseconds. */
const WELCOME_WITHIN_MS = 20_000;
/** After how long without a message it is asked whether the agent is there, in milliseconds. */
const ASK_AFTER_MS = 20_000;

/** What an id takes of a message, in bytes. */
const ID_MAX_BYTES = 32;

/** How the connection stands. */
export type State =
  | { readonly status: "connecting"; readonly attempt: number }
  | { readonly status: "open"; readonly resumed: boolean }
  | {
      readonly status: "waiting";
      readonly attempt: number;
      readonly delayMs: number;
      readonly reason: string;
    }
  | { readonly status: "closed"; readonly reason: string };

/** What a link is made of. */
export interface LinkOptions {
  readonly url: string;
  readonly session: string;
  readonly openSocket: SocketFactory;
  readonly backoff: Backoff;
  readonly random: () => number;
}

/** Who is told of what a link hears. */
export interface LinkEvents {
  /** Requests can be sent; those of the connection before are, after this. */
  welcome(): void;
  /** Something came that answers no request. */
  message(message: BridgeMessage): void;
  lost(): void;
  state(state: State): void;
}

/** An answer, and whether its request was sent more than once. */
export interface Answered<T extends Asking> {
  readonly message: AnswerTo<T>;
  readonly again: boolean;
}

type Any = { readonly message: BridgeMessage; readonly again: boolean };

/** One session over as many connections as it takes. */
export class Link {
  #state: State = { status: "connecting", attempt: 0 };
  #socket: SocketLike | undefined;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #heard = false;
  readonly #queue = new Queue<Any>();

  constructor(
    private readonly options: LinkOptions,
    private readonly events: LinkEvents,
  ) {}

  get state(): State {
    return this.#state;
  }

  /**
   * Asks, now or when there is a connection, and again after a cut until it is answered; what is `scoped`
   * means something on one connection only, and is not sent again. `taken` is called before the next
   * message is looked at.
   */
  ask<T extends Asking>(
    type: T,
    fields: Fields<T>,
    scoped = false,
    taken?: (answer: Answered<T>) => void,
  ): Promise<Answered<T>> {
    return new Promise((resolve, reject) => {
      if (this.#state.status === "closed") {
        throw new ClosedError(`The bridge is closed: ${this.#state.reason}`);
      }
      const body = JSON.stringify({ type, ...fields });
      if (body.length + ID_MAX_BYTES > REQUEST_MAX_BYTES) {
        throw new LimitError(`A message holds at most ${REQUEST_MAX_BYTES} bytes.`);
      }
      const once = DONE_ONCE.has(type);
      const take = ({ message, again }: Any) => {
        if (isAnswer(type, message)) {
          taken?.({ message, again });
          resolve({ message, again });
        } else reject(new Error(`\`${type}\` was answered by \`${message.type}\`.`));
      };
      this.#queue.add({ id: 0, type, body, once, scoped, again: false, resolve: take, reject });
      this.#pump();
    });
  }

  /** Says something that is not answered; without a connection it means nothing. */
  tell(message: BridgeRequest): void {
    if (this.#state.status === "open") this.#socket?.send(JSON.stringify(message));
  }

  connect(): void {
    this.#become({ status: "connecting", attempt: this.#attempt });
    let socket: SocketLike;
    try {
      socket = this.options.openSocket(this.options.url, [SUBPROTOCOL]);
    } catch (error) {
      this.#retry(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#socket = socket;
    let reason = "the connection was lost";
    // One that was given up may still have something to say.
    const isCurrent = () => this.#socket === socket;
    socket.onopen = () => {
      const hello = { type: "hello", session: this.options.session };
      if (isCurrent()) socket.send(JSON.stringify(hello));
    };
    socket.onerror = ({ message }: { message?: string }) => {
      reason = message || reason;
    };
    socket.onclose = (event: { code: number; reason: string }) => {
      if (!isCurrent()) return;
      if (event.code === CLOSE_TAKEN_OVER) this.close(event.reason);
      else this.#lose(event.reason || reason);
    };
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (isCurrent()) this.#take(String(data));
    };
    this.#after(WELCOME_WITHIN_MS, () => this.#lose("the agent did not answer in time"));
  }

  close(reason: string): void {
    if (this.#state.status === "closed") return;
    clearTimeout(this.#timer);
    this.#drop();
    this.#become({ status: "closed", reason });
    this.#queue.close(new ClosedError(`The bridge is closed: ${reason}`));
  }

  #take(text: string): void {
    this.#heard = true;
    const message = JSON.parse(text) as BridgeMessage;
    if (message.type === "welcome") {
      this.#attempt = 0;
      this.#become({ status: "open", resumed: message.resumed });
      if (!message.resumed) this.#queue.unknown();
      this.#watchOver();
      this.events.welcome();
      this.#pump();
      return;
    }
    const id = "id" in message ? message.id : undefined;
    const entry = typeof id === "number" ? this.#queue.answered(id) : undefined;
    if (message.type === "error") {
      const error = new BridgeError(message.problem);
      if (entry) entry.reject(error);
      // Nothing can be said before the welcome: it was refused, and may be later.
      else if (this.#state.status !== "open") this.#lose(error.message);
    } else if (entry) {
      entry.resolve({ message, again: entry.again });
    } else {
      this.events.message(message);
    }
    this.#pump();
  }

  #pump(): void {
    if (this.#state.status !== "open") return;
    for (let entry = this.#queue.next(); entry; entry = this.#queue.next()) {
      this.#socket?.send(`{"id":${entry.id},${entry.body.slice(1)}`);
    }
  }

  /** A connection that says nothing may be dead without anybody having been told. */
  #watchOver(): void {
    this.#heard = false;
    this.#after(ASK_AFTER_MS, () => {
      if (this.#heard) {
        this.#watchOver();
        return;
      }
      this.ask("ping", {}, true).catch(() => undefined);
      this.#after(ASK_AFTER_MS, () => {
        if (this.#heard) this.#watchOver();
        else this.#lose("the agent does not answer");
      });
    });
  }

  #lose(reason: string): void {
    this.#drop();
    this.#queue.lost();
    this.events.lost();
    this.#retry(reason);
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
  }

  #retry(reason: string): void {
    const { backoff, random } = this.options;
    const delayMs = waitMs(backoff, this.#attempt, random);
    this.#attempt += 1;
    this.#become({ status: "waiting", attempt: this.#attempt, delayMs, reason });
    this.#after(delayMs, () => this.connect());
  }

  #after(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }

  #become(state: State): void {
    this.#state = state;
    this.events.state(state);
  }
}

/** What answers each request, for checking what came. */
const ANSWERS: Readonly<Answers> = {
  ping: "done",
  create_terminal: "terminal_created",
  attach_terminal: "terminal_attached",
  detach_terminal: "done",
  terminal_input: "done",
  terminal_resize: "done",
  close_terminal: "done",
  run_command: "process_started",
  attach_process: "process_attached",
  detach_process: "done",
  stop_process: "done",
  list_processes: "process_list",
  read_file: "file_content",
  write_file: "file_written",
  list_files: "file_list",
  watch_files: "watching",
  unwatch_files: "done",
};

function isAnswer<T extends Asking>(type: T, message: BridgeMessage): message is AnswerTo<T> {
  return message.type === ANSWERS[type];
}
