import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WebSocket } from "ws";
import { Bridge, BridgeError, ClosedError, LimitError, OutcomeUnknownError } from "../src/index.js";
import { Relay } from "./relay.js";
import { Server, until } from "./server.js";

let server: Server;
let bridge: Bridge;

before(async () => {
  server = await Server.start();
  bridge = connect();
});

after(async () => {
  bridge.close();
  await server.stop();
});

function connect(url = server.url): Bridge {
  const { workspace, openSocket } = server;
  return new Bridge({ url, workspace, openSocket, backoff: { baseMs: 10, maxMs: 100 } });
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test("a command is run, ended by its time, and stopped", async () => {
  const ran = await bridge.exec(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  assert.equal(text(ran.stdout), "out\n");
  assert.equal(text(ran.stderr), "err\n");
  assert.equal(ran.exit.code, 3);
  const late = await bridge.exec(["sleep", "1000"], { timeoutMs: 10 });
  assert.equal(late.exit.timedOut, true);
  const stopped = await bridge.run(["sleep", "1000"]);
  await stopped.stop("SIGKILL");
  assert.equal((await stopped.exited).signal, 9);
  const known = await bridge.listProcesses();
  assert.ok(known.some(({ id }) => id === stopped.id));
  await assert.rejects(bridge.run(["/no/such/program"]), (error) => {
    assert.ok(error instanceof BridgeError);
    assert.equal(error.code, "invalid");
    return true;
  });
});

test("much output is held back by a listener that takes its time, and comes whole", async () => {
  let [length, active, most] = [0, 0, 0];
  const process = await bridge.run(
    ["head", "-c", "3000000", "/dev/zero"],
    {},
    {
      stdout: async (bytes, offset) => {
        active += 1;
        most = Math.max(most, active);
        assert.equal(offset, length);
        await new Promise((resolve) => setImmediate(resolve));
        length += bytes.length;
        active -= 1;
      },
    },
  );
  await process.exited;
  assert.equal(length, 3_000_000);
  assert.equal(most, 1);
  const tooMuch = bridge.exec(["head", "-c", "2000", "/dev/zero"], { maxBytes: 1000 });
  await assert.rejects(tooMuch, LimitError);
});

test("files are written over what was seen only, read, listed and watched", async () => {
  const changes: string[] = [];
  const watch = await bridge.watchFiles(
    { recursive: true },
    { changed: (all) => changes.push(...all.map(({ path }) => path)) },
  );
  const written = await bridge.writeFile("a.txt", "one", "absent");
  await assert.rejects(bridge.writeFile("a.txt", "two", "absent"), BridgeError);
  await until("the change is told", () => changes.includes("a.txt"));
  await watch.close();
  const large = "x".repeat(700_000);
  await bridge.writeFile("a.txt", large, { etag: written.etag ?? "" });
  const read = await bridge.readFile("a.txt");
  assert.equal(text(read.bytes), large);
  const names: string[] = [];
  for await (const { name } of bridge.listFiles()) names.push(name);
  assert.ok(names.includes("a.txt"));
  await assert.rejects(bridge.writeFile("b", "x".repeat(1_200_000), "*"), BridgeError);
  await assert.rejects(bridge.writeFile("b", "x".repeat(3_000_000), "*"), LimitError);
});

test("many commands at once are each answered", async () => {
  const asked = Array.from({ length: 500 }, (_, index) => bridge.exec(["echo", `${index}`]));
  const answered = await Promise.allSettled(asked);
  for (const [index, answer] of answered.entries()) {
    if (answer.status === "fulfilled") assert.equal(text(answer.value.stdout), `${index}\n`);
    else assert.equal((answer.reason as BridgeError).code, "limit_reached");
  }
  assert.ok(answered.some(({ status }) => status === "fulfilled"));
});

test("a terminal is attached to by two, resized, and closed", async () => {
  const seen = ["", ""];
  const command = ["sh", "-c", "stty raw -echo; printf ready; exec cat"];
  const collect = (index: number) => ({
    output: (bytes: Uint8Array) => {
      seen[index] += text(bytes);
    },
  });
  const terminal = await bridge.createTerminal({ command, cols: 90, rows: 30 }, collect(0));
  const other = connect();
  const attached = await other.attachTerminal(terminal.id, collect(1));
  await attached.input("é!");
  await until("both have seen it", () => seen.every((all) => all === "readyé!"));
  await terminal.resize(100, 40);
  await terminal.close();
  assert.equal((await attached.exited).signal !== undefined, true);
  assert.equal((await terminal.exited).signal !== undefined, true);
  other.close();
});

test("what became of a command is unknown when the agent that was asked is gone", async () => {
  const relay = new Relay(server.port, 0, 0, Math.random);
  await relay.start();
  const cut = connect(`http://127.0.0.1:${relay.port}`);
  const command = ["sh", "-c", "stty raw -echo; echo ready; sleep 1000"];
  let ready = false;
  const terminal = await cut.createTerminal(
    { command },
    {
      output: () => {
        ready = true;
      },
    },
  );
  await until("the terminal is ready", () => ready);
  // Nobody reads it: it is under way when the workspace is restarted.
  const typed = Array.from({ length: 8 }, () => terminal.input("x".repeat(60_000)));
  const outcomes = Promise.allSettled(typed);
  await cut.listProcesses();
  // No answer comes any more.
  relay.block(true);
  await server.restartWorkspace();
  relay.block(false);
  for (const outcome of await outcomes) {
    assert.ok(outcome.status === "rejected" && outcome.reason instanceof OutcomeUnknownError);
  }
  await assert.rejects(terminal.exited, BridgeError);
  cut.close();
  await assert.rejects(cut.listProcesses(), ClosedError);
  await relay.stop();
});

test("who may not is told so by the state, and goes on trying", async () => {
  const denied = new Bridge({
    url: server.url,
    workspace: server.workspace,
    openSocket: (url, protocols) => new WebSocket(url, protocols),
    backoff: { baseMs: 1, maxMs: 5 },
  });
  await until("it waits", () => {
    const { state } = denied;
    return state.status === "waiting" && state.attempt > 2 && /40[13]/.test(state.reason);
  });
  denied.close();
});
