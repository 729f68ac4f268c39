import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An identity for commits, and no configuration of the machine's. */
const GIT_ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};

/** Runs git with the fixture's identity; gives what it prints. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  const { stdout } = await run("git", args, { cwd: folder, env: GIT_ENVIRONMENT });
  return stdout;
}

/** Ways in which the server behaves badly. */
export interface GitServerOptions {
  /** Ask for this user name and password. */
  credentials?: { user: string; password: string };
  /** Cut the connection after so many bytes of a pack. */
  cutAfterBytes?: number;
}

/** A Git server for smart HTTP on the loopback address: `git http-backend` behind `node:http`. */
export class GitServer {
  /** May be changed while it runs. */
  options: GitServerOptions;
  readonly #root: string;
  readonly #server: Server;

  private constructor(root: string, options: GitServerOptions) {
    this.#root = root;
    this.options = options;
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  static async start(options: GitServerOptions = {}): Promise<GitServer> {
    const server = new GitServer(await mkdtemp(path.join(tmpdir(), "atelier-git-")), options);
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** The address of a repository. */
  url(name: string): string {
    return `http://127.0.0.1:${this.port}/${name}.git`;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Creates a repository with one commit of these files on `main`; gives its address. */
  async createRepository(
    name: string,
    files: Record<string, string | Uint8Array>,
  ): Promise<string> {
    const work = path.join(this.#root, `${name}.work`);
    await mkdir(work);
    await git(work, "init", "--quiet", "--initial-branch=main");
    for (const [file, content] of Object.entries(files)) {
      const target = path.join(work, file);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, content);
    }
    await git(work, "add", ".");
    await git(work, "commit", "--quiet", "--message", "First commit");
    const bare = this.#bare(name);
    await git(this.#root, "clone", "--quiet", "--bare", work, bare);
    await git(bare, "config", "http.receivepack", "true");
    await rm(work, { recursive: true });
    return this.url(name);
  }

  /** The messages of a branch's commits, newest first: what has been pushed. */
  async log(name: string, branch = "main"): Promise<string[]> {
    const text = await git(this.#bare(name), "log", "--format=%s", branch);
    return text.trim().split("\n");
  }

  async dispose(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#root, { recursive: true, force: true });
  }

  #bare(name: string): string {
    return path.join(this.#root, `${name}.git`);
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const { credentials, cutAfterBytes } = this.options;
    if (credentials) {
      const wanted = Buffer.from(`${credentials.user}:${credentials.password}`).toString("base64");
      if (request.headers.authorization !== `Basic ${wanted}`) {
        response.writeHead(401, { "WWW-Authenticate": 'Basic realm="Git"' }).end();
        return;
      }
    }
    const url = new URL(request.url ?? "/", "http://localhost");
    // CGI, RFC 3875: the request in the environment, its body on standard input.
    const backend = spawn("git", ["http-backend"], {
      env: {
        ...GIT_ENVIRONMENT,
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: "1",
        REQUEST_METHOD: request.method ?? "GET",
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers["content-type"] ?? "",
        CONTENT_LENGTH: request.headers["content-length"] ?? "",
        HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
        HTTP_GIT_PROTOCOL: `${request.headers["git-protocol"] ?? ""}`,
        REMOTE_USER: credentials?.user ?? "anonymous",
        REMOTE_ADDR: "127.0.0.1",
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    request.pipe(backend.stdin);
    // A client that goes away takes the backend's input with it.
    backend.stdin.on("error", () => backend.kill());
    response.on("close", () => backend.kill());

    const limit = url.pathname.endsWith("/git-upload-pack") ? cutAfterBytes : undefined;
    let head = Buffer.alloc(0);
    let sent = 0;
    const send = (chunk: Buffer) => {
      const room = (limit ?? Number.POSITIVE_INFINITY) - sent;
      sent += chunk.length;
      if (chunk.length <= room) {
        if (!response.write(chunk)) {
          backend.stdout.pause();
          response.once("drain", () => backend.stdout.resume());
        }
        return;
      }
      backend.stdout.removeAllListeners("data");
      response.write(chunk.subarray(0, room), () => response.destroy());
    };
    backend.stdout.on("data", (chunk: Buffer) => {
      if (response.headersSent) return send(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      let status = 200;
      for (const line of head.subarray(0, end).toString().split("\r\n")) {
        const colon = line.indexOf(":");
        const name = line.slice(0, colon);
        const value = line.slice(colon + 1).trim();
        if (name.toLowerCase() === "status") status = Number.parseInt(value, 10);
        else response.setHeader(name, value);
      }
      response.writeHead(status);
      send(head.subarray(end + 4));
    });
    backend.stdout.on("end", () => {
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  }
}
