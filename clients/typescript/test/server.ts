import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { WebSocket } from "ws";
import type { SocketFactory } from "../src/index.js";

const OWNER = {
  email: "owner@example.com",
  name: "Ada Owner",
  password: "seven teal lanterns adrift",
};

/** How long anything may take that a test waits for, on a busy machine, in milliseconds. */
const PATIENCE_MS = 120_000;

/** Waits until a condition holds. */
export async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await pause(25);
  }
}

/** A real `atelier serve` on a data directory of its own, with one running workspace. */
export class Server {
  workspace = "";
  #cookie = "";
  #organization = "";
  #output = "";

  private constructor(
    private readonly dataDir: string,
    private readonly child: ChildProcess,
  ) {
    const collect = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);
  }

  static async start(): Promise<Server> {
    const program = process.env.ATELIER_BIN;
    if (!program) throw new Error("ATELIER_BIN must name the atelier program");
    const dataDir = await mkdtemp(path.join(tmpdir(), "atelier-client-"));
    const child = spawn(program, ["serve", "--data", dataDir, "--port", "0"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const server = new Server(dataDir, child);
    await until("the server prints its set-up link", () => {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${server.#output}`);
      return server.#setupLink !== undefined;
    });
    await server.#setUp();
    return server;
  }

  get url(): string {
    return new URL(this.#setupLink ?? "").origin;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Opens WebSockets with the owner's session. */
  readonly openSocket: SocketFactory = (url, protocols) => {
    // As a browser says it: where the page is from, which is where the socket leads.
    const origin = new URL(url.replace(/^ws/, "http")).origin;
    return new WebSocket(url, protocols, { headers: { cookie: this.#cookie, origin } });
  };

  /** Stops the workspace, starts it again, and waits until it runs. */
  async restartWorkspace(): Promise<void> {
    await this.#request("POST", `workspaces/${this.workspace}/restart`, {});
    await this.#untilState("running", true);
  }

  async stopWorkspace(workspace: string): Promise<void> {
    this.workspace = workspace;
    await this.#request("POST", `workspaces/${workspace}/stop`, {});
    await this.#untilState("stopped");
  }

  /** Stops the workspace that it is at, and itself. */
  async stop(): Promise<void> {
    await this.stopWorkspace(this.workspace);
    this.child.kill("SIGTERM");
    await once(this.child, "exit");
    await rm(this.dataDir, { recursive: true, force: true, maxRetries: 20 });
  }

  get #setupLink(): string | undefined {
    return /http:\/\/\S+\/setup#token=\S+/.exec(this.#output)?.[0];
  }

  async #setUp(): Promise<void> {
    const token = new URL(this.#setupLink ?? "").hash.replace("#token=", "");
    const made = await this.#request("POST", "setup", { token, ...OWNER });
    this.#cookie = made.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const me = (await (await this.#request("GET", "me")).json()) as {
      memberships: { organization_id: string }[];
    };
    const organization = me.memberships[0]?.organization_id;
    this.#organization = `organizations/${organization}`;
    await this.createWorkspace({ name: "driven" });
  }

  /** Goes over to a new workspace, once it runs. */
  async createWorkspace(fields: { name: string; node_id?: string }): Promise<void> {
    const body = { ...fields, source: { kind: "template", template: "empty" } };
    const create = () => this.#request("POST", `${this.#organization}/workspaces`, body);
    // The server's own node joins a moment after the first account.
    await until("a workspace can be created", async () => {
      const created = await create().catch(() => undefined);
      if (created) this.workspace = ((await created.json()) as { id: string }).id;
      return created !== undefined;
    });
    await this.#untilState("running");
  }

  /** The secret by which another machine joins. */
  async joinToken(): Promise<string> {
    const made = await this.#request("POST", `${this.#organization}/node-tokens`, {});
    return ((await made.json()) as { secret: string }).secret;
  }

  /** The other machine, once it is there. */
  async otherNode(): Promise<string> {
    let id: string | undefined;
    await until("the machine is online", async () => {
      const answer = await this.#request("GET", `${this.#organization}/nodes`);
      const { items } = (await answer.json()) as {
        items: { id: string; local: boolean; state: string }[];
      };
      id = items.find(({ local, state }) => !local && state === "online")?.id;
      return id !== undefined;
    });
    return id ?? "";
  }

  async #untilState(wanted: string, leaves = false): Promise<void> {
    let left = !leaves;
    await until(`the workspace is ${wanted}`, async () => {
      const answer = await this.#request("GET", `workspaces/${this.workspace}`);
      const { state } = (await answer.json()) as { state: string };
      if (state === "failed") throw new Error(`the workspace failed:\n${this.#output}`);
      left ||= state !== wanted;
      return left && state === wanted;
    });
  }

  async #request(method: string, route: string, body?: unknown): Promise<Response> {
    const answer = await fetch(`${this.url}/api/v1/${route}`, {
      method,
      headers: {
        "content-type": "application/json",
        "atelier-csrf": "1",
        origin: this.url,
        cookie: this.#cookie,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${route}: ${await answer.text()}`);
    return answer;
  }
}
