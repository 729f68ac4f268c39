import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { Bridge } from "../src/index.js";
import { Server } from "./server.js";

/** A workspace on another machine is driven as one on the server itself is. */
test("on a server that has joined", async () => {
  const program = process.env.ATELIER_BIN ?? "";
  const server = await Server.start();
  const own = server.workspace;
  const folder = await mkdtemp(path.join(tmpdir(), "atelier-client-node-"));
  const data = path.join(folder, "node");
  const env = { ...process.env, ATELIER_JOIN_TOKEN: await server.joinToken() };
  execFileSync(program, ["node", "join", "--url", server.url, "--data", data], { env });
  const daemon = spawn(program, ["node", "run", "--data", data], { stdio: "ignore" });
  try {
    await server.createWorkspace({ name: "far away", node_id: await server.otherNode() });
    const { url, workspace, openSocket } = server;
    const bridge = new Bridge({ url, workspace, openSocket });
    const { exit, stdout } = await bridge.exec(["sh", "-c", "seq 1 50000"]);
    assert.equal(exit.code, 0);
    assert.equal(Buffer.from(stdout).toString().trim().split("\n").length, 50_000);
    await bridge.writeFile("a.txt", "far", "absent");
    assert.equal(Buffer.from((await bridge.readFile("a.txt")).bytes).toString(), "far");
    bridge.close();
    await server.stopWorkspace(workspace);
    await server.stopWorkspace(own);
  } finally {
    daemon.kill("SIGTERM");
    await once(daemon, "exit");
    execFileSync(program, ["node", "leave", "--yes", "--stop", "--data", data]);
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 20 });
  }
});
