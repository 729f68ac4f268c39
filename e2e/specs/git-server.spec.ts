import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test as base } from "@playwright/test";
import { GitServer, git } from "../support/git-server";

// The other specs rely on this server: that its repositories can be cloned and pushed to, and that
// its faults are real ones.

const test = base.extend<{ server: GitServer; folder: string }>({
  server: async ({}, use) => {
    const server = await GitServer.start();
    await use(server);
    await server.dispose();
  },
  folder: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), "atelier-clone-"));
    await use(folder);
    await rm(folder, { recursive: true });
  },
});

test("clones and takes pushes", async ({ server, folder }) => {
  const url = await server.createRepository("project", { "src/a.txt": "one\n" });
  await git(folder, "clone", "--quiet", url, "clone");
  const clone = path.join(folder, "clone");
  expect(await readFile(path.join(clone, "src/a.txt"), "utf8")).toBe("one\n");
  await writeFile(path.join(clone, "src/a.txt"), "two\n");
  await git(clone, "commit", "--quiet", "--all", "--message", "Second commit");
  await git(clone, "push", "--quiet", "origin", "main");
  expect(await server.log("project")).toEqual(["Second commit", "First commit"]);
});

test("asks for credentials", async ({ server, folder }) => {
  const url = await server.createRepository("project", { a: "1" });
  server.options = { credentials: { user: "ada", password: "secret" } };
  await expect(git(folder, "-c", "core.askPass=true", "clone", url, "x")).rejects.toThrow(
    /Authentication failed/,
  );
  await git(folder, "clone", "--quiet", url.replace("http://", "http://ada:secret@"), "clone");
});

test("answers 404 for what does not exist", async ({ server }) => {
  const answer = await fetch(`${server.url("none")}/info/refs?service=git-upload-pack`);
  expect(answer.status).toBe(404);
});

test("cuts a clone half way", async ({ server, folder }) => {
  const content = new Uint8Array(1_000_000);
  crypto.getRandomValues(content.subarray(0, 65_536));
  crypto.getRandomValues(content.subarray(500_000, 565_536));
  const url = await server.createRepository("large", { "large.bin": content });
  server.options = { cutAfterBytes: 50_000 };
  await expect(git(folder, "clone", url, "clone")).rejects.toThrow(/early EOF|RPC failed/);
  server.options = {};
  await git(folder, "clone", "--quiet", url, "clone");
});
