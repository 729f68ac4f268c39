import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { waitMs } from "../src/backoff.js";
import { decode, encode } from "../src/bytes.js";
import type { BridgeMessage, BridgeRequest } from "../src/messages.js";
import { Stream } from "../src/stream.js";

const repository = new URL("../../../../", import.meta.url);

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(new URL(path, repository), "utf8"));
}

test("the golden examples are as the schema says", async () => {
  const schema = (await json("bridge.schema.json")) as { $defs: object };
  const golden = (await json("crates/api/golden/bridge.json")) as {
    requests: BridgeRequest[];
    messages: BridgeMessage[];
  };
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(schema, "bridge");
  for (const [part, examples] of [
    ["BridgeRequest", golden.requests],
    ["BridgeMessage", golden.messages],
  ] as const) {
    const validate = ajv.getSchema(`bridge#/$defs/${part}`);
    assert.ok(validate);
    for (const example of examples) {
      assert.ok(
        validate(example),
        `${JSON.stringify(example)}: ${ajv.errorsText(validate.errors)}`,
      );
      assert.ok(!validate({ ...example, type: "launch_rocket" }));
    }
  }
});

test("bytes survive base64", () => {
  for (const length of [0, 1, 2, 3, 100_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index * 7);
    assert.deepEqual(decode(encode(bytes)), bytes);
  }
});

test("waits grow, are jittered, and are bounded", () => {
  const backoff = { baseMs: 100, maxMs: 1_000 };
  assert.equal(
    waitMs(backoff, 0, () => 1),
    100,
  );
  assert.equal(
    waitMs(backoff, 3, () => 1),
    800,
  );
  assert.equal(
    waitMs(backoff, 3, () => 0),
    0,
  );
  assert.equal(
    waitMs(backoff, 50, () => 1),
    1_000,
  );
});

test("a stream gives every byte once, whatever comes twice", async () => {
  const given: number[] = [];
  let acks = 0;
  const stream = new Stream(
    (bytes) => {
      given.push(...bytes);
    },
    () => {
      acks += 1;
    },
  );
  const from = (offset: number, length: number) =>
    stream.push(
      offset,
      Uint8Array.from({ length }, (_, index) => (offset + index) % 256),
    );
  assert.equal(from(0, 10), false);
  assert.equal(from(5, 10), false);
  assert.equal(from(0, 15), false);
  await stream.drained();
  assert.deepEqual(
    given,
    Array.from({ length: 15 }, (_, index) => index),
  );
  from(15, 70_000);
  await stream.drained();
  assert.equal(acks, 1);
  assert.equal(stream.offset, 70_015);
  assert.equal(from(80_000, 1), true);
});

test("what waits when the connection is lost is asked for again", async () => {
  const given: number[] = [];
  let release: () => void = () => undefined;
  const stream = new Stream(
    (bytes) => {
      given.push(...bytes);
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
    () => undefined,
  );
  stream.push(0, Uint8Array.of(1));
  stream.push(1, Uint8Array.of(2));
  stream.lost();
  assert.equal(stream.offset, 1);
  stream.push(1, Uint8Array.of(2, 3));
  release();
  await new Promise((resolve) => setImmediate(resolve));
  release();
  await stream.drained();
  assert.deepEqual(given, [1, 2, 3]);
});
