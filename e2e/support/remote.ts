import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, connect, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ended, killWorkspaces, waitFor } from "./processes";

const run = promisify(execFile);

/** Passes what comes to `address:port` on to the loopback address of this process's namespace. */
function forwarder(address: string, port: number): Promise<Server> {
  const server = createServer((from) => {
    const to = connect(port, "127.0.0.1");
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
    }
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, address, () => resolve(server));
  });
}

/** The program that a machine runs to reach the control plane's ports as if they were its own. */
const REACH = `
  const { createServer, connect } = require("node:net");
  const [address, ...ports] = process.argv.slice(1);
  for (const port of ports) {
    createServer((from) => {
      const to = connect(Number(port), address);
      from.pipe(to).pipe(from);
      from.on("error", () => to.destroy());
      to.on("error", () => from.destroy());
    }).listen(Number(port), "127.0.0.1");
  }
`;

/**
 * Another machine: a network namespace of its own, joined to ours by a line that carries nothing but
 * the control plane's and the Git server's ports. What it reaches at its loopback address is ours.
 */
export class RemoteMachine {
  readonly #name: string;
  readonly #subnet: string;
  readonly #home: string;
  readonly #forwarders: Server[] = [];
  readonly #processes: ChildProcess[] = [];
  #output = "";

  private constructor(number: number, home: string) {
    this.#name = `atelier-e2e-${number}`;
    this.#subnet = `10.213.${number % 256}`;
    this.#home = home;
  }

  /** Makes one that reaches these ports. Needs root. */
  static async start(ports: number[]): Promise<RemoteMachine> {
    const home = await mkdtemp(path.join(tmpdir(), "atelier-e2e-remote-"));
    const machine = new RemoteMachine(process.pid, home);
    await machine.#connect(ports);
    return machine;
  }

  /** What its programs have printed. */
  get output(): string {
    return this.#output;
  }

  /** Joins with the command that the control plane shows, and starts the daemon. */
  async join(url: string, token: string): Promise<void> {
    const script = `curl -fsSL ${url}/install.sh | sh -s -- --url ${url} --token ${token} --user --no-systemd`;
    const { stdout, stderr } = await run("ip", this.#inside("sh", "-c", script), {
      env: this.#environment,
    });
    this.#output += stdout + stderr;
    const data = path.join(this.#home, ".local/share/atelier-node");
    this.#spawn(path.join(this.#home, ".local/bin/atelier"), "node", "run", "--data", data);
  }

  /** Ends it with all that runs on it. */
  async dispose(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      child.kill("SIGKILL");
      await ended(child);
    }
    await killWorkspaces(path.join(this.#home, ".local/share"), "atelier-node");
    for (const server of this.#forwarders) server.close();
    await run("ip", ["netns", "del", this.#name]).catch(() => undefined);
    await run("ip", ["link", "del", this.#line]).catch(() => undefined);
    await rm(this.#home, { recursive: true, force: true, maxRetries: 20 });
  }

  get #environment(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.#home };
  }

  /** Our end of the line. A name of an interface has at most 15 characters. */
  get #line(): string {
    return `ae2e-${process.pid}`;
  }

  #inside(...command: string[]): string[] {
    return ["netns", "exec", this.#name, ...command];
  }

  #spawn(...command: string[]): void {
    const child = spawn("ip", this.#inside(...command), {
      env: this.#environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    this.#processes.push(child);
  }

  async #connect(ports: number[]): Promise<void> {
    const ours = `${this.#subnet}.1`;
    const end = `${this.#line}n`;
    for (const command of [
      ["netns", "add", this.#name],
      ["link", "add", this.#line, "type", "veth", "peer", "name", end, "netns", this.#name],
      ["addr", "add", `${ours}/30`, "dev", this.#line],
      ["link", "set", this.#line, "up"],
      ["-n", this.#name, "addr", "add", `${this.#subnet}.2/30`, "dev", end],
      ["-n", this.#name, "link", "set", end, "up"],
      ["-n", this.#name, "link", "set", "lo", "up"],
    ]) {
      await run("ip", command);
    }
    for (const port of ports) this.#forwarders.push(await forwarder(ours, port));
    this.#spawn(process.execPath, "-e", REACH, ours, ...ports.map(String));
    const reached = async () =>
      run("ip", this.#inside("curl", "-fsS", `http://127.0.0.1:${ports[0]}/healthz`))
        .then(() => true)
        .catch(() => false);
    await waitFor("the other machine reaches the control plane", reached);
  }
}
