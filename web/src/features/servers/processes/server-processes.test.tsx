import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Node } from "@/api/types";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, problem, serve } from "@/testing/server";
import { commandText } from "./queries";

const NOW = Date.now();
const SPAN = { start: 0, end: 0 };
const RUNNING = {
  id: "proc_1",
  command: ["/bin/sh", "-c", "make serve"],
  cwd: "/srv",
  pid: 77,
  started_at: NOW,
  timed_out: false,
  stdout: SPAN,
  stderr: SPAN,
};
const ENDED = {
  ...RUNNING,
  id: "proc_2",
  command: ["backup"],
  pid: 78,
  exit: { code: 3, at: NOW },
};

const PATH = "/api/v1/nodes/node_1/machine/processes";

function page(change: Partial<Node>, more: Parameters<typeof serve>[0] = {}) {
  return serve({
    "GET /api/v1/me": () => ACCOUNT,
    "GET /api/v1/nodes/node_1": () => nodeOf(change),
    "GET /api/v1/nodes/node_1/telemetry": () => ({
      from: NOW,
      to: NOW,
      step_ms: 1,
      times: [],
      series: [],
      latest: {
        at: NOW,
        uptime_s: 1,
        cpu_millis: [1],
        load_millis: [1, 1, 1],
        memory: { total_bytes: 1, available_bytes: 1, swap_total_bytes: 0, swap_used_bytes: 0 },
        disks: [],
        devices: [],
        networks: [],
        open_files: 1,
        processes: [{ pid: 9, name: "postgres", cpu_millis: 1500, memory_bytes: 2 * 1024 ** 3 }],
        workspaces: [],
      },
    }),
    [`GET ${PATH}`]: () => ({ items: [ENDED, RUNNING] }),
    ...more,
  });
}

const printed = (text: string, offset = 0) =>
  new Response(text, { headers: { "atelier-offset": String(offset) } });

test("what uses most is shown, and how what was started stands", async () => {
  page({});
  await visit("/servers/node_1?tab=processes");
  const process = await screen.findByRole("row", { name: /postgres/ });
  expect(process.textContent).toBe("postgres9150%2 GB");
  const [newest, oldest] = (await screen.findAllByRole("button", { name: /^Output of/ })).map(
    (button) => button.closest("li")?.textContent,
  );
  expect(newest).toMatch(/make serve.*running.*process 77/);
  expect(oldest).toMatch(/backup.*ended with code 3/);
});

test("what a process printed is shown, and what of it is gone", async () => {
  const answers = [printed("listening\n", 2048), printed("careful\n"), printed("", 2058)];
  page({}, { [`GET ${PATH}/proc_2/output`]: () => answers.shift() ?? printed("", 8) });
  await visit("/servers/node_1?tab=processes");
  fireEvent.click(await screen.findByRole("button", { name: "Output of process 78" }));
  const log = await screen.findByRole("log", { name: "Output of process 78" });
  expect(log.textContent).toBe("listening\ncareful\n");
  screen.getByText("The first 2 kB of its output are no longer there.");
  expect(within(log).getByText("careful").title).toBe("stderr");
});

test("a signal is sent; a refusal is told in the server's words", async () => {
  const calls = page(
    {},
    { [`POST ${PATH}/proc_1/signal`]: () => problem(403, "forbidden", "Not yours to end.") },
  );
  await visit("/servers/node_1?tab=processes");
  const ended = await screen.findByRole("button", { name: "Send a signal to process 78" });
  expect(ended.ariaDisabled).toBe("true");
  fireEvent.keyDown(screen.getByRole("button", { name: "Send a signal to process 77" }), {
    key: "Enter",
  });
  fireEvent.click(await screen.findByRole("menuitem", { name: /SIGTERM/ }));
  await screen.findByText("Not yours to end.");
  expect(calls.find(({ request }) => request.startsWith("POST"))?.body).toEqual({
    signal: "SIGTERM",
  });
});

test("a running one is ended only after a question", async () => {
  const calls = page({}, { [`DELETE ${PATH}/proc_1`]: () => new Response(null, { status: 204 }) });
  const deleted = () => calls.filter(({ request }) => request.startsWith("DELETE"));
  await visit("/servers/node_1?tab=processes");
  fireEvent.click(await screen.findByRole("button", { name: "Forget process 77" }));
  expect(deleted()).toEqual([]);
  fireEvent.click(await screen.findByRole("button", { name: "End and forget" }));
  await waitFor(() => expect(deleted()).toHaveLength(1));
});

test("a command is run by the machine's shell", async () => {
  const calls = page({}, { [`POST ${PATH}`]: () => RUNNING });
  await visit("/servers/node_1?tab=processes");
  fireEvent.click(await screen.findByRole("button", { name: "Run a command" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Run a command" }));
  fireEvent.click(dialog.getByRole("button", { name: "Run" }));
  await dialog.findByText("Enter a command.");
  fireEvent.change(dialog.getByLabelText("Command"), { target: { value: "make serve | tee log" } });
  fireEvent.click(dialog.getByRole("button", { name: "Run" }));
  await waitFor(() =>
    expect(calls.find(({ request }) => request.startsWith("POST"))?.body).toEqual({
      command: ["/bin/sh", "-c", "make serve | tee log"],
      stdin: false,
    }),
  );
});

test("an offline server says so, and shows what was measured last", async () => {
  const calls = page({ state: "offline" });
  await visit("/servers/node_1?tab=processes");
  await screen.findByText(/What was started goes on/);
  await screen.findByRole("row", { name: /postgres/ });
  expect(calls.some(({ request }) => request.endsWith("/processes"))).toBe(false);
});

test("a command is written so that a shell would read it the same", () => {
  expect(commandText(["git", "commit", "-m", "it's done"])).toBe("git commit -m 'it'\\''s done'");
  expect(commandText(["/bin/sh", "-c", "a && b"])).toBe("a && b");
  expect(commandText(["/bin/sh", "-c", "a", "b c"])).toBe("/bin/sh -c a 'b c'");
});
