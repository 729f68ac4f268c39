import type { ChildProcess } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";

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

/** Kills every process whose command line names `text`: what a killed server left behind. */
export async function killByCommandLine(text: string): Promise<void> {
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const commandLine = await readFile(`/proc/${entry}/cmdline`, "utf8").catch(() => "");
    if (!commandLine.includes(text)) continue;
    try {
      process.kill(Number(entry), "SIGKILL");
    } catch {
      // It ended by itself in the meantime.
    }
  }
}
