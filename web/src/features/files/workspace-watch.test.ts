import { expect, test } from "vitest";
import { useWatchLimits, WorkspaceWatch } from "./workspace-watch";

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

test("where not all can be followed, open folders are, one by one, and it is said", () => {
  const sockets: FakeSocket[] = [];
  const watch = new WorkspaceWatch("ws_1", {
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
    changed: (changes) => heard.push(...changes.map(({ path }) => path)),
    rescan: (folder) => heard.push(`rescan ${folder}`),
  });
  watch.follow(["", "src"]);
  const stop = watch.start();
  const open = () =>
    sockets.filter(({ closed }) => !closed).map(({ url }) => url.searchParams.get("path"));
  expect(open()).toEqual([null]);

  sockets[0]?.say({ type: "limited", reason: "fs.inotify.max_user_watches" });
  expect(open()).toEqual([null, "", "src"]);
  expect(useWatchLimits.getState().reasons.get("ws_1")).toContain("max_user_watches");
  sockets[2]?.say({ type: "limited", reason: "looked at" });
  sockets[2]?.say({ type: "changes", changes: [{ kind: "created", path: "src/a" }] });
  sockets[0]?.say({ type: "changes", changes: [{ kind: "created", path: "b" }] });
  expect(heard).toEqual(["src/a", "b"]);
  watch.follow(["src"]);
  expect(open()).toEqual([null, "src"]);

  stop();
  expect(open()).toEqual([]);
  expect(useWatchLimits.getState().reasons.has("ws_1")).toBe(false);
});
