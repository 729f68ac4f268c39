import { expect, test } from "vitest";
import { FolderWatch } from "./folder-watch";

/** A WebSocket that the test feeds. */
class FakeSocket {
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;

  constructor(readonly url: URL) {}

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
  const watch = new FolderWatch("node_1", {
    open: (url) => {
      const socket = new FakeSocket(new URL(url));
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    schedule: () => () => {},
    random: () => 0.5,
  });
  const heard: unknown[] = [];
  watch.subscribe({
    changed: (changes) => heard.push(changes),
    rescan: (folder) => heard.push(`rescan ${folder}`),
  });
  const open = () =>
    sockets.filter(({ closed }) => !closed).map(({ url }) => url.searchParams.get("path"));
  return { watch, sockets, heard, open };
}

test("a machine's open folders are followed, each by itself, and no others", () => {
  const { watch, sockets, heard, open } = setUp();
  watch.follow(["", "etc"]);
  expect(open()).toEqual([]);
  const stop = watch.start();
  expect(open()).toEqual(["", "etc"]);
  expect(sockets[0]?.url.pathname).toBe("/api/v1/nodes/node_1/machine/files/watch");
  expect(sockets[0]?.url.searchParams.get("recursive")).toBeNull();
  sockets[1]?.say({ type: "ready" });
  const changes = [{ kind: "created", path: "etc/hosts" }];
  sockets[1]?.say({ type: "changes", changes });
  expect(heard).toEqual(["rescan etc", changes]);

  watch.follow(["", "srv"]);
  expect(open()).toEqual(["", "srv"]);
  stop();
  expect(open()).toEqual([]);
});

test("of many open folders those opened last are followed", () => {
  const { watch, open } = setUp();
  watch.start();
  watch.follow(Array.from({ length: 80 }, (_, index) => `folder-${index}`));
  expect(open()).toHaveLength(50);
  expect(open().at(-1)).toBe("folder-79");
});
