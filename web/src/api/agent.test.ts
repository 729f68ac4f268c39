import { expect, test, vi } from "vitest";
import { agentApi, agentPath, contentUrl, pathForPeople } from "./agent";

test("a machine's agent answers below its server, a workspace's below the workspace", async () => {
  expect(agentPath("ws_1")).toBe("/api/v1/workspaces/ws_1/");
  expect(agentPath("node_1")).toBe("/api/v1/nodes/node_1/machine/");
  const asked: string[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (request) => {
    asked.push(new URL((request as Request).url).pathname);
    return Response.json({ items: [] });
  });
  for (const workspace of ["ws_1", "node_1"]) {
    await agentApi.GET("/api/v1/workspaces/{workspace}/terminals", {
      params: { path: { workspace } },
    });
  }
  expect(asked).toEqual([
    "/api/v1/workspaces/ws_1/terminals",
    "/api/v1/nodes/node_1/machine/terminals",
  ]);
});

test("a file's bytes and its path are the host's own", () => {
  expect(contentUrl("node_1", "etc/a b&c", true)).toBe(
    "/api/v1/nodes/node_1/machine/files/content?path=etc%2Fa+b%26c&download=true",
  );
  expect(contentUrl("ws_1", "a")).toBe("/api/v1/workspaces/ws_1/files/content?path=a");
  // A workspace's paths begin in it, a machine's at its root.
  expect(pathForPeople("node_1", "srv/100%25")).toBe("/srv/100%");
  expect(pathForPeople("ws_1", "src/main.rs")).toBe("src/main.rs");
});
