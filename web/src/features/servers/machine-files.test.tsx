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

const MACHINE = "/api/v1/nodes/node_1/machine/files";

function page(
  files: Files,
  change: Partial<Node> = {},
  role: Role = "admin",
  more: Parameters<typeof serve>[0] = {},
) {
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
    [`GET ${MACHINE}/list`]: () => {
      asked.push("list");
      return {
        items: [{ ...entry, name: "site.conf", path: "srv/open/site.conf", kind: "file" }],
        total: 1,
      };
    },
    ...more,
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

test("what is done to a machine's files is asked of the machine", async () => {
  const done: unknown[] = [];
  const note = (body: unknown) => {
    done.push(body);
    return {};
  };
  page(OPEN, {}, "admin", {
    [`POST ${MACHINE}/directory`]: note,
    [`POST ${MACHINE}/move`]: note,
    [`DELETE ${MACHINE}`]: () => {
      done.push("deleted");
      return new Response(null, { status: 204 });
    },
  });
  await visit("/servers/node_1?tab=files");
  const row = await screen.findByRole("treeitem", { name: "site.conf" });
  const panel = within(screen.getByRole("region", { name: "Files" }));

  fireEvent.contextMenu(row);
  fireEvent.click(await screen.findByRole("menuitem", { name: /^Rename/ }));
  // The menu gives the focus back as it closes; the field must not lose it again.
  const name = await screen.findByRole("textbox", { name: "New name" });
  await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
  expect(document.activeElement).toBe(name);
  fireEvent.change(name, { target: { value: "old.conf" } });
  fireEvent.keyDown(name, { key: "Enter" });
  await waitFor(() =>
    expect(done).toEqual([{ from: "srv/open/site.conf", to: "srv/open/old.conf" }]),
  );

  fireEvent.click(panel.getByRole("button", { name: "New folder" }));
  const folder = await screen.findByRole("textbox", { name: "Name of the new folder" });
  fireEvent.change(folder, { target: { value: "logs" } });
  fireEvent.keyDown(folder, { key: "Enter" });
  await waitFor(() => expect(done).toHaveLength(2));

  fireEvent.contextMenu(await screen.findByRole("treeitem", { name: "site.conf" }));
  fireEvent.click(await screen.findByRole("menuitem", { name: /^Delete/ }));
  const question = within(await screen.findByRole("alertdialog", { name: "Delete site.conf?" }));
  expect(done).toHaveLength(2);
  fireEvent.click(question.getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(done.at(-1)).toBe("deleted"));
});
