import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { git } from "./git-server";

const run = promisify(execFile);

/** Where Debian's package `openssh-server` has it. */
const SSHD = "/usr/sbin/sshd";

/** An SSH server on the loopback address: the real `sshd`, a process for each connection. */
export class SshServer {
  readonly #root: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(root: string) {
    this.#root = root;
    this.#server = createServer((socket) => this.#answer(socket));
  }

  static async start(): Promise<SshServer> {
    if (!existsSync(SSHD)) throw new Error(`${SSHD} is missing: install openssh-server`);
    const server = new SshServer(await mkdtemp(path.join(tmpdir(), "atelier-ssh-")));
    // What root's `sshd` confines itself to; Debian's service makes it when it starts.
    if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true });
    const inRoot = (name: string) => path.join(server.#root, name);
    await server.letIn("");
    await writeFile(
      inRoot("config"),
      `HostKey ${inRoot("host_key")}
AuthorizedKeysFile ${inRoot("authorized_keys")}
StrictModes no
UsePAM no
PidFile none
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
`,
    );
    await server.changeHostKey();
    await new Promise<void>((resolve) => server.#server.listen(0, "127.0.0.1", resolve));
    return server;
  }

  /** The host as `known_hosts` names it. */
  get host(): string {
    return `[127.0.0.1]:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets a key in, as it stands in a `.pub` file. */
  async letIn(publicKey: string): Promise<void> {
    await writeFile(path.join(this.#root, "authorized_keys"), `${publicKey}\n`);
  }

  /** Gives the host another key; tells its fingerprint. */
  async changeHostKey(): Promise<string> {
    const file = path.join(this.#root, "host_key");
    await Promise.all([rm(file, { force: true }), rm(`${file}.pub`, { force: true })]);
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", file]);
    return this.fingerprint();
  }

  async fingerprint(): Promise<string> {
    const file = path.join(this.#root, "host_key.pub");
    const { stdout } = await run("ssh-keygen", ["-l", "-f", file]);
    return stdout.split(" ")[1] ?? "";
  }

  /** Creates a repository with one commit of a file on `main`; gives its address. */
  async createRepository(name: string, file: string, content: string): Promise<string> {
    const work = path.join(this.#root, `${name}.work`);
    await mkdir(work);
    await git(work, "init", "--quiet", "--initial-branch=main");
    await writeFile(path.join(work, file), content);
    await git(work, "add", ".");
    await git(work, "commit", "--quiet", "--message", "First commit");
    await git(this.#root, "clone", "--quiet", "--bare", work, this.#bare(name));
    const { port } = this.#server.address() as AddressInfo;
    return `ssh://${userInfo().username}@127.0.0.1:${port}${this.#bare(name)}`;
  }

  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    await rm(this.#root, { recursive: true, force: true });
  }

  #bare(name: string): string {
    return path.join(this.#root, `${name}.git`);
  }

  /** As inetd does. */
  #answer(socket: Socket): void {
    this.#sockets.add(socket);
    const sshd = spawn(SSHD, ["-i", "-e", "-f", path.join(this.#root, "config")], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    socket.pipe(sshd.stdin);
    sshd.stdout.pipe(socket);
    sshd.stdin.on("error", () => sshd.kill());
    socket.on("error", () => sshd.kill());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      sshd.kill();
    });
  }
}
