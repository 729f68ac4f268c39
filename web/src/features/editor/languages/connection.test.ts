import { describe, expect, it } from "vitest";
import { type ConnectionHandlers, LanguageConnection, LanguageError } from "./connection";

/** A WebSocket that the test opens, feeds and cuts. */
class FakeSocket {
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onclose: ((event: CloseEvent) => void) | null = null;
  readonly sent: { id?: number; method?: string; params?: unknown; result?: unknown }[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {}
  open(): void {
    this.onopen?.(new Event("open"));
  }
  say(message: object): void {
    this.onmessage?.(new MessageEvent("message", { data: JSON.stringify(message) }));
  }
  cut(): void {
    this.onclose?.(new CloseEvent("close"));
  }
}

function setUp(requested: ConnectionHandlers["requested"] = () => undefined) {
  const sockets: FakeSocket[] = [];
  const timers: (() => void)[] = [];
  const heard: string[] = [];
  const connection = new LanguageConnection(
    {
      open: () => {
        const socket = new FakeSocket();
        sockets.push(socket);
        return socket;
      },
      schedule: (_ms, callback) => {
        timers.push(callback);
        return () => timers.splice(timers.indexOf(callback), 1);
      },
      random: () => 0.5,
    },
    {
      opened: () => heard.push("opened"),
      closed: () => heard.push("closed"),
      notified: (method) => heard.push(method),
      requested,
    },
  );
  const socket = () => sockets.at(-1) as FakeSocket;
  return { connection, sockets, socket, timers, heard };
}

describe("the connection to a language server", () => {
  it("gives each answer to whoever asked", async () => {
    const { connection, socket } = setUp();
    await expect(connection.request("early", {})).rejects.toBeInstanceOf(LanguageError);
    socket().open();
    const first = connection.request("a", {});
    const second = connection.request("b", {});
    const [a, b] = socket().sent;
    socket().say({ id: b?.id, result: "of b" });
    socket().say({ id: a?.id, error: { code: -32803, message: "no" } });
    await expect(second).resolves.toBe("of b");
    await expect(first).rejects.toThrow("no");
  });

  it("comes back after a cut; what was asked is refused, and nothing is sent twice", async () => {
    const { connection, socket, sockets, timers, heard } = setUp();
    socket().open();
    const asked = connection.request("a", {});
    socket().cut();
    await expect(asked).rejects.toBeInstanceOf(LanguageError);
    connection.notify("lost", {});
    timers.shift()?.();
    socket().open();
    expect(heard).toEqual(["opened", "closed", "opened"]);
    expect(socket().sent).toEqual([]);
    connection.dispose();
    expect(timers).toEqual([]);
    expect(sockets).toHaveLength(2);
  });

  it("tells the server what is no longer wanted", async () => {
    const { connection, socket } = setUp();
    socket().open();
    let cancel = () => {};
    const token = {
      isCancellationRequested: false,
      onCancellationRequested: (listener: () => void) => {
        cancel = listener;
        return { dispose: () => undefined };
      },
    };
    const asked = connection.request("a", {}, token);
    cancel();
    await expect(asked).rejects.toThrow("cancelled");
    const [request, cancelling] = socket().sent;
    expect(cancelling).toMatchObject({ method: "$/cancelRequest", params: { id: request?.id } });
  });

  it("answers the server, and says what it does not know", async () => {
    const { socket } = setUp((method) =>
      method === "known" ? Promise.resolve({ applied: true }) : undefined,
    );
    socket().open();
    socket().say({ id: 7, method: "known" });
    socket().say({ id: "x", method: "unknown" });
    await expect.poll(() => socket().sent.length).toBe(2);
    expect(socket().sent).toEqual(
      expect.arrayContaining([
        { jsonrpc: "2.0", id: 7, result: { applied: true } },
        expect.objectContaining({ id: "x", error: expect.objectContaining({ code: -32601 }) }),
      ]),
    );
  });
});
