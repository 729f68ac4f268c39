import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApp } from "../app.js";

let server;
let url;

before(async () => {
  server = createApp().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  url = `http://127.0.0.1:${server.address().port}`;
});

after(() => server.close());

test("says hello", async () => {
  const response = await fetch(`${url}/api/hello?name=Ada`);
  assert.deepEqual(await response.json(), { message: "Hello, Ada!" });
});

test("serves the page", async () => {
  const response = await fetch(url);
  assert.match(await response.text(), /<h1>Node \+ Express<\/h1>/);
});

test("answers 404 for what does not exist", async () => {
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
});
