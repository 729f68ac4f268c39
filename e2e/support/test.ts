import { test as base } from "@playwright/test";
import { GitServer } from "./git-server";
import { RemoteMachine } from "./remote";
import { AtelierServer } from "./server";
import { SshServer } from "./ssh-server";

export { expect } from "@playwright/test";

/** What a project of the configuration may set. */
export interface Options {
  /** Workspaces run on another machine, which joins as soon as there is an account. */
  remote: boolean;
  /** More of the server's environment: its configuration. */
  environment: Record<string, string>;
}

interface Fixtures {
  /** A fresh server without an account; `page.goto("/…")` goes to it. */
  server: AtelierServer;
  /** A Git server without repositories. */
  gitServer: GitServer;
  /** An SSH server without repositories, that lets nobody in yet. */
  sshServer: SshServer;
  /** The server's first account exists and this browser is signed in as it. */
  owner: AtelierServer;
}

export const test = base.extend<Fixtures & Options>({
  remote: [false, { option: true }],
  environment: [{}, { option: true }],
  server: async ({ remote, environment, gitServer }, use, testInfo) => {
    const server = await AtelierServer.start({
      ...environment,
      ...(remote ? { ATELIER_NODE_ENABLED: "false" } : {}),
    });
    // What the embedded node is told by its configuration, the other one is by its arguments.
    const readOnly = JSON.parse(environment.ATELIER_NODE_READ_ONLY_PATHS ?? "[]") as string[];
    const machine = remote
      ? await RemoteMachine.start([server.port, gitServer.port], readOnly)
      : undefined;
    const failed = machine && server.join(machine).catch((error: unknown) => error);
    server.ready = Promise.resolve(failed);
    await use(server);
    const problem = await failed;
    if (testInfo.status !== testInfo.expectedStatus || problem) {
      const body = `${server.output}\n${machine?.output ?? ""}\n${problem ?? ""}`;
      await testInfo.attach("server output", { body, contentType: "text/plain" });
    }
    await server.dispose();
    await machine?.dispose();
    if (problem) throw problem;
  },
  baseURL: async ({ server }, use) => use(server.url),
  gitServer: async ({}, use) => {
    const gitServer = await GitServer.start();
    await use(gitServer);
    await gitServer.dispose();
  },
  sshServer: async ({}, use) => {
    const sshServer = await SshServer.start();
    await use(sshServer);
    await sshServer.dispose();
  },
  owner: async ({ server, context }, use) => {
    const cookie = await server.setUp();
    const [name = "", value = ""] = cookie.split("=", 2);
    await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: "Lax" }]);
    await server.ready;
    await use(server);
  },
});
