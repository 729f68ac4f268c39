import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ended, killWorkspaces, waitFor } from "./processes";
import type { RemoteMachine } from "./remote";

/** The first account of every test's server. */
export const OWNER = {
  email: "owner@example.com",
  name: "Ada Owner",
  password: "seven teal lanterns adrift",
};

/**
 * A real `atelier serve` on a data directory of its own. It can be killed and started again on the
 * same directory and port.
 */
export class AtelierServer {
  /** Resolves when workspaces can be placed. */
  ready: Promise<unknown> = Promise.resolve();
  /** Where its data is. */
  readonly dataDir: string;
  readonly #environment: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;
  #port = 0;
  #output = "";

  private constructor(dataDir: string, environment: NodeJS.ProcessEnv) {
    this.dataDir = dataDir;
    this.#environment = environment;
  }

  /** Starts one on a fresh data directory and a free port, and waits until it is ready. */
  static async start(environment: NodeJS.ProcessEnv = {}): Promise<AtelierServer> {
    const dataDir = await mkdtemp(path.join(tmpdir(), "atelier-e2e-"));
    const server = new AtelierServer(dataDir, environment);
    await server.#run();
    return server;
  }

  /** Its port. */
  get port(): number {
    return this.#port;
  }

  /** Its address, without a slash at the end. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** The link that it printed for the first account. */
  get setupLink(): string {
    const link = /http:\/\/\S+\/setup#token=\S+/.exec(this.#output)?.[0];
    if (!link) throw new Error(`the server printed no set-up link:\n${this.#output}`);
    return link;
  }

  /** What it has printed since it was last started. */
  get output(): string {
    return this.#output;
  }

  /** The process of the server. */
  get pid(): number {
    const pid = this.#process?.pid;
    if (!pid) throw new Error("the server is not running");
    return pid;
  }

  /** Creates {@link OWNER} without a browser; gives the session cookie. */
  async setUp(): Promise<string> {
    const token = new URL(this.setupLink).hash.replace("#token=", "");
    const response = await this.#post("setup", { token, ...OWNER });
    if (!response.ok) throw new Error(`set-up failed: ${await response.text()}`);
    return cookieOf(response);
  }

  /** Has a machine join as soon as {@link OWNER} exists, and waits until it is online. */
  async join(machine: RemoteMachine): Promise<void> {
    await waitFor("the first account exists", async () => {
      const answer = await fetch(`${this.url}/api/v1/info`).catch(() => undefined);
      return answer?.ok === true && !((await answer.json()) as { setup_required: boolean }).setup_required;
    });
    const signedIn = await this.#post("session", { email: OWNER.email, password: OWNER.password });
    const { memberships } = (await signedIn.json()) as { memberships: { organization_id: string }[] };
    const organization = `organizations/${memberships[0]?.organization_id}`;
    const cookie = cookieOf(signedIn);
    const made = await this.#post(`${organization}/node-tokens`, {}, cookie);
    if (!made.ok) throw new Error(`no join token: ${await made.text()}`);
    await machine.join(((await made.json()) as { command: string }).command);
    await waitFor("the machine is online", async () => {
      const answer = await fetch(`${this.url}/api/v1/${organization}/nodes`, { headers: { cookie } });
      const { items } = (await answer.json()) as { items: { state: string }[] };
      return items.some(({ state }) => state === "online");
    });
  }

  /** `kill -9`: no chance to put anything away. Workspaces go on. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Starts again on the same data and port, after {@link kill} or {@link stop}. */
  async restart(): Promise<void> {
    await this.#run();
  }

  /** Ends it as a person would (SIGTERM). Workspaces go on. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** Ends it with all its workspaces, and removes the data. */
  async dispose(): Promise<void> {
    if (this.#process) await this.#stopWorkspaces();
    if (this.#process) await this.kill();
    // Those that could not be stopped.
    await killWorkspaces(this.dataDir);
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20 });
  }

  async #run(): Promise<void> {
    if (this.#process) throw new Error("the server is already running");
    const program = process.env.ATELIER_BIN;
    if (!program) throw new Error("ATELIER_BIN must name the atelier program");
    this.#output = "";
    const child = spawn(program, ["serve", "--data", this.dataDir, "--port", `${this.#port}`], {
      env: { ...process.env, ...this.#environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
    await waitFor("the server is ready", async () => {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new Error(`the server ended instead of starting:\n${this.#output}`);
      }
      this.#port ||= Number(/http:\/\/127\.0\.0\.1:(\d+)/.exec(this.#output)?.[1] ?? 0);
      if (!this.#port) return false;
      const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
      return answer?.ok ?? false;
    });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = undefined;
    child.kill(signal);
    await ended(child);
  }

  async #stopWorkspaces(): Promise<void> {
    const signedIn = await this.#post("session", {
      email: OWNER.email,
      password: OWNER.password,
    }).catch(() => undefined);
    // A test that failed before its set-up has no account and so no workspace.
    if (!signedIn?.ok) return;
    const cookie = cookieOf(signedIn);
    const account = (await signedIn.json()) as {
      memberships: { organization_id: string }[];
    };
    for (const { organization_id } of account.memberships) {
      const list = `organizations/${organization_id}/workspaces`;
      const active = async () => {
        const answer = await fetch(`${this.url}/api/v1/${list}`, { headers: { cookie } });
        const page = (await answer.json()) as { items: { id: string; state: string }[] };
        return page.items.filter(({ state }) => ["starting", "running", "stopping"].includes(state));
      };
      for (const { id } of await active()) await this.#post(`workspaces/${id}/stop`, {}, cookie);
      await waitFor("all workspaces are stopped", async () => (await active()).length === 0).catch(
        () => undefined,
      );
    }
  }

  async #post(route: string, body: unknown, cookie = ""): Promise<Response> {
    return fetch(`${this.url}/api/v1/${route}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "atelier-csrf": "1",
        origin: this.url,
        cookie,
      },
      body: JSON.stringify(body),
    });
  }
}

function cookieOf(response: Response): string {
  const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
  if (!cookie) throw new Error("the answer sets no cookie");
  return cookie;
}
