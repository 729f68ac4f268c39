import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { Node, Role } from "@/api/types";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, serve } from "@/testing/server";

beforeEach(() => {
  localStorage.clear();
  // jsdom lays nothing out: rows are shown only where there is room.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
});

type Files = NonNullable<NonNullable<Node["info"]>["policy"]>["files"];

function page(files: Files, change: Partial<Node> = {}, role: Role = "admin") {
  const asked: string[] = [];
  const info = {
    version: "0.1.0",
    hostname: "berlin.example",
    kernel: "Linux",
    architecture: "x86_64",
    cpus: 1,
    memory_bytes: 1,
    drivers: [],
    protections: [],
    policy: {
      workspaces: true,
      terminal: true,
      exec: true,
      files,
      containers: true,
      privileged: false,
      update: true,
    },
  } satisfies Node["info"];
  const entry = { size: 3, modified_at: 0, mode: 0o644 };
  serve({
    "GET /api/v1/me": () => ({
      ...ACCOUNT,
      memberships: [{ organization_id: "org_1", organization_name: "Workshop", role }],
    }),
    "GET /api/v1/nodes/node_1": () => nodeOf({ info, ...change }),
    "GET /api/v1/nodes/node_1/machine/files/list": () => {
      asked.push("list");
      return {
        items: [{ ...entry, name: "site.conf", path: "srv/open/site.conf", kind: "file" }],
        total: 1,
      };
    },
  });
  return asked;
}

const OPEN: Files = { permitted: true, roots: [], read_only: false };

test("the tree begins at the folders that the owner permits", async () => {
  const asked = page({ ...OPEN, roots: ["/srv/open", "/srv/shared"] });
  await visit("/servers/node_1?tab=files");
  const root = await screen.findByRole("treeitem", { name: "/srv/open" });
  screen.getByRole("treeitem", { name: "/srv/shared" });
  // What stands above them is not asked for: it would be refused.
  expect(asked).toEqual([]);
  fireEvent.click(root);
  await screen.findByRole("treeitem", { name: "site.conf" });
});

test("a server that permits only reading says why nothing can be changed", async () => {
  page({ ...OPEN, read_only: true });
  await visit("/servers/node_1?tab=files");
  const panel = within(await screen.findByRole("region", { name: "Files" }));
  const create = panel.getByRole("button", { name: "New file" });
  expect(create.getAttribute("aria-disabled")).toBe("true");
  fireEvent.click(create);
  expect(screen.queryByLabelText("Name of the new file")).toBeNull();
  const row = await screen.findByRole("treeitem", { name: "site.conf" });
  const tree = screen.getByRole("tree");
  fireEvent.focus(tree);
  fireEvent.keyDown(tree, { key: "Delete" });
  await screen.findByText(/owner permits only reading/);
  expect(row.isConnected).toBe(true);
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

test.each<[string, Parameters<typeof page>, RegExp]>([
  ["a policy", [{ ...OPEN, permitted: false }], /owner does not permit the files/],
  ["an offline server", [OPEN, { state: "offline" }], /Its files can be reached when it is back/],
  ["a member", [OPEN, {}, "member"], /Only admins and owners reach the files/],
])("%s without files is told in plain words", async (_, [files, change, role], words) => {
  const asked = page(files, change, role);
  await visit("/servers/node_1?tab=files");
  await screen.findByText(words);
  expect(screen.queryByRole("tree")).toBeNull();
  await waitFor(() => expect(asked).toEqual([]));
});
