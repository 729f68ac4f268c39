import { describe, expect, it } from "vitest";
import { ACK_EVERY_BYTES } from "./protocol";
import {
  OFFLINE_INPUT_BYTES,
  type StreamEnvironment,
  type StreamScreen,
  type StreamSocket,
  type StreamSocketEvents,
  type StreamState,
  TerminalStream,
} from "./stream";

/** A repeatable source of randomness (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The byte that stands at an offset: any loss, repeat or swap shows. */
const byteAt = (offset: number) => (Math.imul(offset, 2654435761) >>> 13) & 0xff;

function output(from: number, to: number): Uint8Array {
  const bytes = new Uint8Array(to - from);
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = byteAt(from + index);
  return bytes;
}

/** The agent's side: a ring of `ringBytes`, one viewer, cut whenever the test says. */
class FakeAgent {
  end = 0;
  connections = 0;
  input: number[] = [];
  texts: { type: string; offset?: number; cols?: number; rows?: number }[] = [];
  asked: (number | undefined)[] = [];
  stuck = false;
  private viewer: { events: StreamSocketEvents; sent: number } | undefined;

  constructor(private readonly ringBytes = Number.MAX_SAFE_INTEGER) {}

  connect(offset: number | undefined, events: StreamSocketEvents): StreamSocket {
    this.connections += 1;
    this.asked.push(offset);
    const viewer = { events, sent: 0 };
    this.viewer = viewer;
    return {
      sendText: (text) => this.texts.push(JSON.parse(text)),
      sendBytes: (bytes) => this.input.push(...bytes),
      bufferedBytes: () => (this.stuck ? Number.MAX_SAFE_INTEGER : 0),
      close: () => {
        if (this.viewer === viewer) this.viewer = undefined;
      },
    };
  }

  get start(): number {
    return Math.max(0, this.end - this.ringBytes);
  }

  /** Answers the newest connection as the protocol says. */
  accept(): void {
    const viewer = this.required();
    const asked = this.asked.at(-1);
    if (asked === undefined) this.hello(this.start, false);
    else if (asked < this.start || asked > this.end) this.resync();
    else this.hello(asked, false);
    viewer.sent = asked === undefined || asked >= this.start ? (asked ?? this.start) : this.end;
  }

  resync(): void {
    const viewer = this.required();
    viewer.sent = this.end;
    this.hello(this.end, true, SNAPSHOT.length);
    viewer.events.bytes(SNAPSHOT);
  }

  hello(offset: number, resync: boolean, snapshotBytes = 0): void {
    this.text({ type: "hello", offset, cols: 80, rows: 24, resync, snapshot_bytes: snapshotBytes });
  }

  text(message: object): void {
    this.required().events.text(JSON.stringify(message));
  }

  /** Delivers up to `bytes` of what the viewer has not got. */
  deliver(bytes: number): void {
    const viewer = this.required();
    const to = Math.min(this.end, viewer.sent + bytes);
    if (to > viewer.sent) viewer.events.bytes(output(viewer.sent, to));
    viewer.sent = to;
  }

  cut(): void {
    const { viewer } = this;
    this.viewer = undefined;
    viewer?.events.closed();
  }

  get attached(): boolean {
    return this.viewer !== undefined;
  }

  private required() {
    if (!this.viewer) throw new Error("no viewer is attached");
    return this.viewer;
  }
}

const SNAPSHOT = new TextEncoder().encode("\x1b[H\x1b[2Jsnapshot");

/** Draws when told to, as xterm.js does: later, in order. */
class FakeScreen implements StreamScreen {
  shown: number[] = [];
  resets = 0;
  sizes: string[] = [];
  private queue: (() => void)[] = [];

  write(bytes: Uint8Array, consumed: () => void): void {
    this.queue.push(() => {
      this.shown.push(...bytes);
      consumed();
    });
  }

  reset(): void {
    this.queue.push(() => {
      this.resets += 1;
      this.shown = [];
    });
  }

  resize(cols: number, rows: number): void {
    this.queue.push(() => this.sizes.push(`${cols}x${rows}`));
  }

  draw(steps = Number.POSITIVE_INFINITY): void {
    for (let step = 0; step < steps; step += 1) {
      const next = this.queue.shift();
      if (!next) return;
      next();
    }
  }
}

function setUp(agent: FakeAgent, random: () => number = () => 0.5) {
  const timers = new Map<() => void, number>();
  const environment: StreamEnvironment = {
    connect: (offset, events) => agent.connect(offset, events),
    schedule: (ms, callback) => {
      timers.set(callback, ms);
      return () => timers.delete(callback);
    },
    random,
  };
  const screen = new FakeScreen();
  const states: StreamState[] = [];
  const stream = new TerminalStream(environment, screen, (state) => states.push(state));
  const fireTimers = () => {
    for (const callback of [...timers.keys()]) {
      timers.delete(callback);
      callback();
    }
  };
  const state = () => {
    const last = states.at(-1);
    if (!last) throw new Error("no state was reported");
    return last;
  };
  return { stream, screen, fireTimers, timers, state };
}

function live(agent = new FakeAgent()) {
  const parts = setUp(agent);
  parts.stream.start();
  agent.accept();
  return { agent, ...parts };
}

describe("output", () => {
  it("reaches the screen exactly once when the connection is cut 1000 times at random", () => {
    for (const seed of [1, 2, 3, 4]) {
      const random = seeded(seed);
      const agent = new FakeAgent();
      const { stream, screen, fireTimers } = setUp(agent, random);
      const below = (bound: number) => Math.floor(random() * bound);
      stream.start();
      let cuts = 0;
      while (cuts < 1000) {
        if (!agent.attached) fireTimers();
        // A cut may come before the hello, between frames, or with bytes not drawn yet.
        if (random() < 0.9) agent.accept();
        else {
          agent.cut();
          cuts += 1;
          continue;
        }
        for (let frame = below(4); frame > 0; frame -= 1) {
          agent.end += below(700);
          agent.deliver(below(900));
          screen.draw(below(3));
        }
        agent.cut();
        cuts += 1;
      }
      fireTimers();
      agent.accept();
      agent.deliver(Number.POSITIVE_INFINITY);
      screen.draw();
      expect(agent.connections).toBeGreaterThan(1000);
      expect(agent.end).toBeGreaterThan(100_000);
      expect(screen.resets).toBe(0);
      expect(Buffer.from(screen.shown).equals(Buffer.from(output(0, agent.end)))).toBe(true);
      expect(stream.consumedOffset).toBe(agent.end);
    }
  });

  it("is replaced by a snapshot, which does not count, when the ring has passed the viewer", () => {
    const agent = new FakeAgent(1000);
    const { screen, fireTimers, stream } = live(agent);
    agent.end = 400;
    agent.deliver(400);
    agent.cut();
    agent.end = 5000;
    fireTimers();
    agent.accept();
    agent.end = 5600;
    agent.deliver(600);
    screen.draw();
    expect(screen.resets).toBe(1);
    expect(screen.shown).toEqual([...SNAPSHOT, ...output(5000, 5600)]);
    agent.cut();
    fireTimers();
    expect(agent.asked).toEqual([undefined, 400, 5600]);
    expect(stream.consumedOffset).toBe(5600);
  });

  it("continues after a resync in the middle of a connection, with a snapshot in two frames", () => {
    const { agent, screen } = live();
    agent.end = 100;
    agent.deliver(100);
    agent.end = 9000;
    agent.resync();
    agent.end = 9100;
    agent.deliver(100);
    screen.draw();
    expect(screen.shown).toEqual([...SNAPSHOT, ...output(9000, 9100)]);
  });

  it("is asked for from the start when a hello does not continue where it must", () => {
    const { agent, screen, fireTimers } = live();
    agent.end = 300;
    agent.deliver(300);
    agent.cut();
    fireTimers();
    agent.hello(250, false);
    expect(agent.attached).toBe(false);
    fireTimers();
    expect(agent.asked.at(-1)).toBeUndefined();
    agent.accept();
    agent.deliver(300);
    screen.draw();
    expect(screen.shown).toEqual([...output(0, 300)]);
  });

  it("of a socket that was given up is not counted", () => {
    const agent = new FakeAgent();
    const sockets: StreamSocketEvents[] = [];
    const connect = agent.connect.bind(agent);
    agent.connect = (offset, events) => {
      sockets.push(events);
      return connect(offset, events);
    };
    const { screen, fireTimers } = live(agent);
    agent.cut();
    fireTimers();
    agent.accept();
    sockets[0]?.bytes(output(0, 10));
    sockets[0]?.closed();
    screen.draw();
    expect(screen.shown).toEqual([]);
    expect(agent.attached).toBe(true);
  });
});

describe("acknowledgements", () => {
  it("are sent every 64 KiB, and only for what was drawn", () => {
    const { agent, screen } = live();
    agent.end = ACK_EVERY_BYTES * 2 + 10;
    for (let frame = 0; frame < 9; frame += 1) agent.deliver(ACK_EVERY_BYTES / 4);
    expect(agent.texts).toEqual([]);
    screen.draw();
    expect(agent.texts).toEqual([
      { type: "ack", offset: ACK_EVERY_BYTES },
      { type: "ack", offset: ACK_EVERY_BYTES * 2 },
    ]);
  });

  it("do not speak of bytes from before a reset", () => {
    const { agent, screen } = live();
    agent.end = ACK_EVERY_BYTES;
    agent.deliver(ACK_EVERY_BYTES);
    agent.end = 10_000_000;
    agent.resync();
    screen.draw();
    expect(agent.texts).toEqual([]);
  });
});

describe("input", () => {
  it("typed while disconnected is kept, said, and sent in order afterwards", () => {
    const { agent, stream, fireTimers, state } = live();
    agent.cut();
    expect(state().connection).toEqual({ kind: "reconnecting", attempt: 1 });
    expect(stream.send(new Uint8Array([1, 2]))).toBe(true);
    expect(stream.send(new Uint8Array([3]))).toBe(true);
    expect(state().pendingBytes).toBe(3);
    fireTimers();
    agent.accept();
    stream.send(new Uint8Array([4]));
    expect(agent.input).toEqual([1, 2, 3, 4]);
    expect(state().pendingBytes).toBe(0);
  });

  it("beyond the bound is refused as a whole and said", () => {
    const { agent, stream, fireTimers, state } = live();
    agent.cut();
    expect(stream.send(new Uint8Array(OFFLINE_INPUT_BYTES))).toBe(true);
    expect(stream.send(new Uint8Array(1))).toBe(false);
    expect(state().inputRefused).toBe(true);
    fireTimers();
    agent.accept();
    expect(agent.input).toHaveLength(OFFLINE_INPUT_BYTES);
    expect(state().inputRefused).toBe(false);
  });

  it("of a large paste waits while the socket is full, and arrives whole", () => {
    const { agent, stream, fireTimers, state } = live();
    agent.stuck = true;
    stream.send(output(0, 100_000));
    stream.send(new Uint8Array([7]));
    expect(agent.input.length).toBeLessThan(100_001);
    expect(state().pendingBytes).toBeGreaterThan(0);
    agent.stuck = false;
    fireTimers();
    expect(agent.input).toEqual([...output(0, 100_000), 7]);
  });

  it("is kept when the socket is closing, which would drop it", () => {
    const { agent, stream, fireTimers } = live();
    agent.stuck = true;
    stream.send(new Uint8Array([1]));
    expect(agent.input).toEqual([]);
    agent.cut();
    agent.stuck = false;
    fireTimers();
    agent.accept();
    expect(agent.input).toEqual([1]);
  });

  it("of 100 MB is refused", () => {
    const { agent, stream, state } = live();
    expect(stream.send(new Uint8Array(100_000_000))).toBe(false);
    expect(state().inputRefused).toBe(true);
    expect(agent.input).toEqual([]);
  });
});

describe("reconnecting", () => {
  it("waits longer each time, at random below a bound, and starts anew once it holds", () => {
    const { agent, timers, fireTimers, state } = live();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      agent.cut();
      waits.push(...timers.values());
      fireTimers();
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500]);
    agent.accept();
    expect(state().connection.kind).toBe("live");
    agent.cut();
    expect([...timers.values()]).toEqual([7500]);
    fireTimers();
    agent.accept();
    fireTimers();
    agent.cut();
    expect([...timers.values()]).toEqual([250]);
  });

  it("happens at once when asked, and not twice", () => {
    const { agent, stream, fireTimers } = live();
    agent.cut();
    stream.reconnectNow();
    stream.reconnectNow();
    fireTimers();
    expect(agent.connections).toBe(2);
  });

  it("does not happen after the program ended or the view is gone", () => {
    const ended = live();
    ended.agent.text({ type: "exit", status: { code: 3, at: 1 } });
    ended.agent.cut();
    ended.fireTimers();
    expect(ended.state().exit).toEqual({ code: 3, at: 1 });
    expect(ended.state().connection).toEqual({ kind: "ended" });
    expect(ended.agent.connections).toBe(1);
    expect(ended.stream.send(new Uint8Array([1]))).toBe(false);

    const gone = live();
    gone.stream.stop();
    gone.fireTimers();
    expect(gone.agent.attached).toBe(false);
    expect(gone.agent.connections).toBe(1);
  });
});

describe("control messages", () => {
  it("sizes are told once they stop coming, and again after a reconnect", () => {
    const { agent, stream, fireTimers } = live();
    stream.resize(100, 30);
    stream.resize(101, 30);
    expect(agent.texts).toEqual([]);
    fireTimers();
    expect(agent.texts).toEqual([{ type: "resize", cols: 101, rows: 30 }]);
    agent.cut();
    fireTimers();
    agent.accept();
    expect(agent.texts).toHaveLength(2);
  });

  it("of a resync draw the snapshot in its own size and then return to ours", () => {
    const { agent, screen, stream, fireTimers } = live();
    stream.resize(120, 40);
    fireTimers();
    agent.end = 1_000_000;
    agent.resync();
    screen.draw();
    expect(screen.sizes).toEqual(["80x24", "80x24", "120x40"]);
    expect(screen.shown).toEqual([...SNAPSHOT]);
  });

  it("title, viewers, size and error reach the person", () => {
    const { agent, screen, state } = live();
    agent.text({ type: "title", title: "vim" });
    agent.text({ type: "viewers", count: 2 });
    agent.text({ type: "size", cols: 132, rows: 43 });
    agent.text({ type: "error", detail: "bad frame" });
    screen.draw();
    expect(state()).toMatchObject({ title: "vim", viewers: 2, error: "bad frame" });
    expect(screen.sizes).toEqual(["80x24", "132x43"]);
  });

  it("that are not understood change nothing", () => {
    const { agent, state } = live();
    const before = state();
    agent.text({ type: "of a later version" });
    agent.text([1]);
    expect(state()).toBe(before);
  });
});
