import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type ConnectionState, EventClient, type ServerEvent } from "./events";

class FakeSocket {
  static readonly all: FakeSocket[] = [];
  readyState: number = WebSocket.CONNECTING;
  readonly sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(
    readonly url: string,
    readonly protocol: string,
  ) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  drop(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }

  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was made");
    return socket;
  }
}

const TOPICS = ["organization:org_1"];

function event(sequence: number) {
  return {
    type: "event",
    sequence,
    at: 0,
    organization_id: "org_1",
    body: { kind: "organization_changed" },
  };
}

function setUp() {
  const events: ServerEvent[] = [];
  const states: ConnectionState[] = [];
  const onDropped = vi.fn();
  const client = new EventClient({
    url: "ws://server/api/v1/events",
    onEvent: (received) => events.push(received),
    onDropped,
    onState: (state) => states.push(state),
    createSocket: (url, protocol) => new FakeSocket(url, protocol) as unknown as WebSocket,
    // The jitter's upper end.
    random: () => 1,
  });
  client.start(TOPICS);
  return { client, events, states, onDropped };
}

beforeEach(() => void vi.useFakeTimers());

afterEach(() => {
  vi.useRealTimers();
  FakeSocket.all.length = 0;
});

describe("EventClient", () => {
  test("subscribes with the protocol and its topics, and passes events on in order", () => {
    const { events, states } = setUp();
    const socket = FakeSocket.last;
    expect(socket.protocol).toBe("atelier.events.v1");
    socket.open();
    expect(socket.sent).toEqual([{ type: "subscribe", topics: TOPICS }]);
    socket.say({ type: "subscribed", epoch: "e1", sequence: 7 });
    socket.say(event(8));
    socket.say(event(9));
    expect(events.map(({ sequence }) => sequence)).toEqual([8, 9]);
    expect(states.map(({ phase }) => phase)).toEqual(["connecting", "open"]);
  });

  test("asks for a read at the first subscription, for what happened before it", () => {
    const { onDropped } = setUp();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "subscribed", epoch: "e1", sequence: 7 });
    expect(onDropped).toHaveBeenCalledTimes(1);
  });

  test("resumes after the last event it handled", () => {
    const { onDropped } = setUp();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "subscribed", epoch: "e1", sequence: 7 });
    FakeSocket.last.say(event(8));
    FakeSocket.last.drop();
    vi.advanceTimersByTime(500);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent).toEqual([
      { type: "subscribe", topics: TOPICS, epoch: "e1", after: 8 },
    ]);
    FakeSocket.last.say({ type: "subscribed", epoch: "e1", sequence: 12 });
    expect(onDropped).toHaveBeenCalledTimes(1);
  });

  test("asks for a read when the server has another epoch, and counts in that", () => {
    const { onDropped } = setUp();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "subscribed", epoch: "e1", sequence: 7 });
    FakeSocket.last.drop();
    vi.advanceTimersByTime(500);
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "subscribed", epoch: "e2", sequence: 1 });
    expect(onDropped).toHaveBeenCalledTimes(2);
    FakeSocket.last.drop();
    vi.advanceTimersByTime(500);
    FakeSocket.last.open();
    expect(FakeSocket.last.sent).toEqual([
      { type: "subscribe", topics: TOPICS, epoch: "e2", after: 1 },
    ]);
  });

  test("asks for a read when events were dropped", () => {
    const { onDropped } = setUp();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "subscribed", epoch: "e1", sequence: 7 });
    FakeSocket.last.say({ type: "dropped", sequence: 400 });
    expect(onDropped).toHaveBeenCalledTimes(2);
  });

  test("waits longer after each failure, up to a limit, and from the start after a success", () => {
    const { states } = setUp();
    const waits: number[] = [];
    for (let failure = 0; failure < 7; failure += 1) {
      FakeSocket.last.drop();
      const state = states.at(-1);
      if (state?.phase !== "waiting") throw new Error(`phase is ${state?.phase}`);
      waits.push(state.retryAt - Date.now());
      vi.advanceTimersByTime(state.retryAt - Date.now());
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000]);
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "subscribed", epoch: "e1", sequence: 0 });
    FakeSocket.last.drop();
    expect(states.at(-1)).toMatchObject({ phase: "waiting", attempt: 1 });
  });

  test("retryNow ends the wait, and does nothing while connected", () => {
    const { client } = setUp();
    FakeSocket.last.drop();
    expect(FakeSocket.all).toHaveLength(1);
    client.retryNow();
    expect(FakeSocket.all).toHaveLength(2);
    client.retryNow();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test("a refusal ends it and is told", () => {
    const { states } = setUp();
    FakeSocket.last.open();
    FakeSocket.last.say({ type: "error", detail: "At most 100 topics." });
    expect(states.at(-1)).toEqual({ phase: "refused", detail: "At most 100 topics." });
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
  });

  test("words that are no JSON end the connection, and it comes back after a wait", () => {
    const { states } = setUp();
    FakeSocket.last.open();
    FakeSocket.last.say("<html>");
    expect(states.at(-1)?.phase).toBe("waiting");
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(2);
  });

  test("stop leaves nothing behind", () => {
    const { client, states } = setUp();
    FakeSocket.last.drop();
    client.stop();
    vi.advanceTimersByTime(60_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(states.at(-1)?.phase).toBe("idle");
  });

  test("other topics are set on the open connection", () => {
    const { client } = setUp();
    FakeSocket.last.open();
    client.start(["workspace:ws_1"]);
    expect(FakeSocket.all).toHaveLength(1);
    expect(FakeSocket.last.sent.at(-1)).toMatchObject({ topics: ["workspace:ws_1"] });
  });
});
