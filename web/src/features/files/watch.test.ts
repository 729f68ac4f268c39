import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { FileChange } from "./changes";
import { directoryKey } from "./queries";
import { treeSync } from "./sync";
import { FileWatch } from "./watch";

/** A WebSocket that the test opens, feeds and cuts. */
class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  close(): void {
    this.closed = true;
    this.onclose?.();
  }
}

function setUp() {
  const sockets: FakeSocket[] = [];
  const timers: (() => void)[] = [];
  const watch = new FileWatch("ws_1", {
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    schedule: (_ms, callback) => {
      timers.push(callback);
      return () => timers.splice(timers.indexOf(callback), 1);
    },
    random: () => 0.5,
  });
  const heard: (readonly FileChange[] | "rescan")[] = [];
  watch.subscribe({
    changed: (changes) => heard.push(changes),
    rescan: () => heard.push("rescan"),
  });
  return { watch, sockets, timers, heard };
}

describe("the watch", () => {
  it("asks for everything anew whenever it begins, and passes changes on", () => {
    const { watch, sockets, heard } = setUp();
    watch.start();
    sockets[0]?.say({ type: "ready" });
    const changes = [{ kind: "created", path: "a" }] as const;
    sockets[0]?.say({ type: "changes", changes });
    sockets[0]?.say({ type: "rescan", reason: "too much changed" });
    sockets[0]?.say({ type: "of a later version" });
    expect(heard).toEqual(["rescan", changes, "rescan"]);
  });

  it("comes back after a cut, and rescans, because the time between was not told", () => {
    const { watch, sockets, timers, heard } = setUp();
    watch.start();
    sockets[0]?.say({ type: "ready" });
    sockets[0]?.close();
    expect(timers).toHaveLength(1);
    timers[0]?.();
    sockets[0]?.say({ type: "changes", changes: [] });
    sockets[1]?.say({ type: "ready" });
    expect(heard).toEqual(["rescan", "rescan"]);
  });

  it("stays away once it is stopped", () => {
    const { watch, sockets, timers } = setUp();
    const stop = watch.start();
    stop();
    expect(sockets[0]?.closed).toBe(true);
    expect(timers).toEqual([]);
  });
});

describe("the tree's cache", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  let details = false;

  function cache(...directories: string[]) {
    const client = new QueryClient();
    for (const path of directories) {
      client.setQueryData(directoryKey("ws_1", path), { items: [], missing: 0 });
    }
    const stale = (path: string) => {
      const query = client.getQueryCache().find({ queryKey: directoryKey("ws_1", path) });
      return query?.state.isInvalidated;
    };
    return { client, stale, sync: treeSync(client, "ws_1", () => details) };
  }

  it("reads again the folders whose names changed, and forgets those that are gone", () => {
    const { sync, stale } = cache("", "src", "src/old", "other");
    sync.changed([
      { kind: "created", path: "src/new.rs" },
      { kind: "deleted", path: "src/old" },
      { kind: "modified", path: "other/file" },
    ]);
    expect(stale("src")).toBe(true);
    expect(stale("src/old")).toBeUndefined();
    expect(stale("other")).toBe(false);
    expect(stale("")).toBe(false);
  });

  it("gathers a storm of changes into few readings, and misses none", () => {
    const { client, sync } = cache("src");
    const read = vi.spyOn(client, "invalidateQueries");
    const listings = () => read.mock.calls.filter(([filters]) => filters?.exact).length;
    for (let file = 0; file < 1000; file += 1) {
      sync.changed([{ kind: "created", path: `src/file-${file}` }]);
    }
    expect(listings()).toBe(1);
    vi.advanceTimersByTime(10_000);
    expect(listings()).toBe(2);
    sync.changed([{ kind: "created", path: "src/later" }]);
    expect(listings()).toBe(3);
  });

  it("reads sizes and times again only while they are in sight", () => {
    const { sync, stale } = cache("logs");
    sync.changed([{ kind: "modified", path: "logs/today" }]);
    expect(stale("logs")).toBe(false);
    details = true;
    sync.changed([{ kind: "modified", path: "logs/today" }]);
    expect(stale("logs")).toBe(true);
    details = false;
  });

  it("of another workspace is left alone", () => {
    const { client, sync } = cache("src");
    const other = directoryKey("ws_2", "src");
    client.setQueryData(other, { items: [], missing: 0 });
    sync.rescan();
    expect(client.getQueryState(other)?.isInvalidated).toBe(false);
  });
});
