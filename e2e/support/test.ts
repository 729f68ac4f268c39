import { test as base } from "@playwright/test";
import { GitServer } from "./git-server";
import { AtelierServer } from "./server";

export { expect } from "@playwright/test";

interface Fixtures {
  /** A fresh server without an account; `page.goto("/…")` goes to it. */
  server: AtelierServer;
  /** A Git server without repositories. */
  gitServer: GitServer;
  /** The server's first account exists and this browser is signed in as it. */
  owner: AtelierServer;
}

export const test = base.extend<Fixtures>({
  server: async ({}, use, testInfo) => {
    const server = await AtelierServer.start();
    await use(server);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach("server output", { body: server.output, contentType: "text/plain" });
    }
    await server.dispose();
  },
  baseURL: async ({ server }, use) => use(server.url),
  gitServer: async ({}, use) => {
    const gitServer = await GitServer.start();
    await use(gitServer);
    await gitServer.dispose();
  },
  owner: async ({ server, context }, use) => {
    const cookie = await server.setUp();
    const [name = "", value = ""] = cookie.split("=", 2);
    await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: "Lax" }]);
    await use(server);
  },
});
