import type { ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Resolves when `condition` holds; fails with `what` when it does not in time. */
export async function waitFor(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Resolves when the child has ended. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once("exit", resolve));
}

/**
 * Kills the workspaces that a killed server left running, as its node has written them down. The end
 * of a workspace's first process is the end of all of them.
 */
export async function killWorkspaces(dataDir: string, node = "node"): Promise<void> {
  const folder = path.join(dataDir, node, "workspaces");
  for (const workspace of await readdir(folder).catch(() => [])) {
    const state = await readFile(path.join(folder, workspace, "state.json"), "utf8").catch(() => "{}");
    const pid = (JSON.parse(state) as { run?: { process: { pid: number } } }).run?.process.pid;
    if (!pid) continue;
    // The number may be another process's by now.
    const commandLine = () => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (!(await commandLine()).includes("sandbox-init")) continue;
    process.kill(pid, "SIGKILL");
    await waitFor(`process ${pid} has ended`, async () => (await commandLine()) === "");
  }
}
