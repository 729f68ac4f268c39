import { screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import type { Account, Role, Workspace } from "@/api/types";
import { listCommands, useCommandStore } from "@/lib/commands";
import { visit } from "@/testing/page";
import { ACCOUNT, serve, workspaceOf } from "@/testing/server";

function page(role: Role, change: Partial<Workspace>) {
  const account: Account = {
    ...ACCOUNT,
    memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
  };
  // No answers for files and terminals: reading one would fail the test, as the server would refuse.
  serve({
    "GET /api/v1/me": () => account,
    "GET /api/v1/workspaces/ws_1": () => workspaceOf({ owner_id: "acc_2", ...change }),
  });
  return visit("/workspaces/ws_1");
}

const commandIds = () => listCommands(useCommandStore.getState().groups).map(({ id }) => id);

describe("the page of a workspace that the role does not permit to change", () => {
  test("says why in place of the panels, and offers no action", async () => {
    await page("viewer", { state: "running" });
    await screen.findByText(/ask an admin for the member role/);
    expect(screen.queryByRole("button", { name: "More actions" })).toBeNull();
    expect(screen.queryByRole("tree")).toBeNull();
    expect(commandIds().filter((id) => /^(workspace\.stop|terminal|file|editor)/.test(id))).toEqual(
      [],
    );
  });

  test("names the owner to another member", async () => {
    await page("member", { state: "running", owner_name: "Omar" });
    await screen.findByText(/Only its owner, Omar, and admins work in it/);
  });

  test("offers no start of a stopped one", async () => {
    await page("viewer", { state: "stopped" });
    await screen.findByText(/ask an admin for the member role/);
    expect(screen.queryByRole("button", { name: "Start" })).toBeNull();
  });

  test("offers it to an admin", async () => {
    await page("admin", { state: "stopped" });
    await screen.findByRole("button", { name: "Start" });
    expect(commandIds()).toContain("workspace.start");
  });
});
