import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, connect, type Server } from "node:net";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { ended, killWorkspaces, waitFor } from "./processes";

const run = promisify(execFile);

/** Passes what comes to the socket at `path` on to a port of this process's namespace. */
function forwarder(path: string, port: number): Promise<Server> {
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
    server.once("error", reject).listen(path, () => resolve(server));
  });
}

/** The program that a machine runs to reach the control plane's ports as if they were its own. */
const REACH = `
  const { createServer, connect } = require("node:net");
  const [folder, ...ports] = process.argv.slice(1);
  for (const port of ports) {
    createServer((from) => {
      const to = connect(folder + "/" + port);
      from.pipe(to).pipe(from);
      from.on("error", () => to.destroy());
      to.on("error", () => from.destroy());
    }).listen(Number(port), "127.0.0.1");
  }
`;

/**
 * Another machine: a network namespace of its own, joined to ours by nothing but the control plane's
 * and the Git server's ports. What it reaches at its loopback address is ours. The ports cross as Unix
 * sockets: a new network interface would have the other worker's Chromium end all that it is fetching.
 */
export class RemoteMachine {
  readonly #name: string;
  readonly #home: string;
  readonly #forwarders: Server[] = [];
  readonly #processes: ChildProcess[] = [];
  #daemon: ChildProcess | undefined;
  #output = "";

  readonly #readOnly: string[];

  private constructor(number: number, home: string, readOnly: string[]) {
    this.#name = `atelier-e2e-${number}`;
    this.#home = home;
    this.#readOnly = readOnly;
  }

  /** Makes one that reaches these ports, and whose workspaces may read these paths. Needs root. */
  static async start(ports: number[], readOnly: string[] = []): Promise<RemoteMachine> {
    const home = await mkdtemp(path.join(tmpdir(), "atelier-e2e-remote-"));
    const machine = new RemoteMachine(process.pid, home, readOnly);
    await machine.#connect(ports);
    return machine;
  }

  /** What its programs have printed. */
  get output(): string {
    return this.#output;
  }

  /** Joins with the command that the control plane shows, and starts the daemon. */
  async join(command: string): Promise<void> {
    const script = `${command} --user --no-systemd`;
    const { stdout, stderr } = await run("ip", this.#inside("sh", "-c", script), {
      env: this.#environment,
    });
    this.#output += stdout + stderr;
    const readable = this.#readOnly.flatMap((path) => ["--read-only-path", path]);
    this.#daemon = this.#spawn(this.#program, "node", "run", "--data", this.#data, ...readable);
  }

  /** `kill -9` of the daemon: the machine is gone, as far as the control plane can tell. */
  async killDaemon(): Promise<void> {
    const daemon = this.#daemon;
    if (!daemon) throw new Error("the machine has not joined");
    daemon.kill("SIGKILL");
    await ended(daemon);
  }

  /** Ends it with all that runs on it. */
  async dispose(): Promise<void> {
    for (const child of this.#processes.reverse()) {
      child.kill("SIGKILL");
      await ended(child);
    }
    // The agent of the machine itself outlives the daemon, as it should.
    const leave = ["node", "leave", "--yes", "--stop", "--data", this.#data];
    if (this.#daemon) {
      await run("ip", this.#inside(this.#program, ...leave), { env: this.#environment });
    }
    await killWorkspaces(path.join(this.#home, ".local/share"), "atelier-node");
    for (const server of this.#forwarders) server.close();
    await run("ip", ["netns", "del", this.#name]).catch(() => undefined);
    await rm(this.#home, { recursive: true, force: true, maxRetries: 20 });
  }

  get #program(): string {
    return path.join(this.#home, ".local/bin/atelier");
  }

  get #data(): string {
    return path.join(this.#home, ".local/share/atelier-node");
  }

  get #environment(): NodeJS.ProcessEnv {
    // The toolchains are those of this machine, whoever's home it is.
    const rustup = process.env.RUSTUP_HOME ?? path.join(homedir(), ".rustup");
    return { PATH: process.env.PATH, HOME: this.#home, RUSTUP_HOME: rustup };
  }

  #inside(...command: string[]): string[] {
    return ["netns", "exec", this.#name, ...command];
  }

  #spawn(...command: string[]): ChildProcess {
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
    return child;
  }

  async #connect(ports: number[]): Promise<void> {
    await run("ip", ["netns", "add", this.#name]);
    await run("ip", ["-n", this.#name, "link", "set", "lo", "up"]);
    const socket = (port: number) => path.join(this.#home, String(port));
    for (const port of ports) this.#forwarders.push(await forwarder(socket(port), port));
    this.#spawn(process.execPath, "-e", REACH, this.#home, ...ports.map(String));
    const reached = async () =>
      run("ip", this.#inside("curl", "-fsS", `http://127.0.0.1:${ports[0]}/healthz`))
        .then(() => true)
        .catch(() => false);
    await waitFor("the other machine reaches the control plane", reached);
  }
}
