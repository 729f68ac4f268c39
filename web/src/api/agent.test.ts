import { expect, test, vi } from "vitest";
import { agentApi, agentPath } from "./agent";

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
