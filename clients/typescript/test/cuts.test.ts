import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Bridge } from "../src/index.js";
import { Relay, seeded } from "./relay.js";
import { Server, until } from "./server.js";

/** How often the connection is cut. */
const CUTS = 100;

/** A failure says the seed; with it, the cuts fall as they did. */
const SEED = Number(process.env.ATELIER_CUTS_SEED ?? Math.floor(Math.random() * 2 ** 31));

/** How many commands are run at the same time. */
const WORKERS = 4;

let server: Server;
let relay: Relay;

before(async () => {
  server = await Server.start();
  relay = new Relay(server.port, CUTS, 24_000, seeded(SEED));
  await relay.start();
});

after(async () => {
  await relay.stop();
  await server.stop();
});

/** The client survives 100 random cuts: every byte once, every command at most once. */
test(`a hundred random cuts (seed ${SEED})`, { timeout: 300_000 }, async () => {
  const bridge = new Bridge({
    url: `http://127.0.0.1:${relay.port}`,
    workspace: server.workspace,
    openSocket: server.openSocket,
    backoff: { baseMs: 2, maxMs: 20 },
    random: seeded(SEED + 1),
  });
  const statuses = new Set<string>();
  bridge.onState(({ status }) => statuses.add(status));

  // What a terminal prints.
  const lines = 60_000;
  let printed = "";
  const printing = await bridge.createTerminal(
    { command: ["sh", "-c", `stty raw -echo; seq 1 ${lines}`] },
    {
      output: (bytes, offset) => {
        assert.equal(offset, printed.length);
        printed += Buffer.from(bytes).toString("latin1");
      },
      resync: () => assert.fail("nothing was so far behind"),
    },
  );
  // What is typed, which comes back as it was typed.
  let echoed = "";
  const typing = await bridge.createTerminal(
    { command: ["sh", "-c", "stty raw -echo; printf '>'; exec cat"] },
    {
      output: (bytes) => {
        echoed += Buffer.from(bytes).toString("latin1");
      },
    },
  );
  await until("the terminal is raw", () => echoed === ">");

  let [number, typed] = [0, ">"];
  const work = async () => {
    while (relay.cuts < CUTS) {
      number += 1;
      const mine = number;
      typed += `${mine};`;
      const [ran] = await Promise.all([
        bridge.exec(["sh", "-c", "echo $1 >> ran; echo $1", "sh", `${mine}`]),
        typing.input(`${mine};`),
      ]);
      // What was answered was done, and its output is whole.
      assert.deepEqual(ran.exit.code, 0);
      assert.equal(ran.exit.incomplete, false);
      assert.equal(Buffer.from(ran.stdout).toString(), `${mine}\n`);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));

  await printing.exited;
  const expected = Array.from({ length: lines }, (_, index) => `${index + 1}\n`).join("");
  assert.ok(printed === expected, "every byte came once, in order");
  await until("all that was typed came back", () => echoed.length >= typed.length);
  assert.equal(echoed, typed);
  const ran = await bridge.readFile("ran");
  const numbers = Buffer.from(ran.bytes).toString().trim().split("\n").map(Number);
  numbers.sort((one, other) => one - other);
  const each = Array.from({ length: number }, (_, index) => index + 1);
  assert.deepEqual(numbers, each, "every command ran once");
  assert.ok(relay.cuts >= CUTS);
  assert.ok(statuses.has("waiting") && statuses.has("open"));
  bridge.close();
  assert.equal(bridge.state.status, "closed");
});
