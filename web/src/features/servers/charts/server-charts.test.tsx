import { fireEvent, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { TelemetryHistory, TelemetrySample } from "@/api/types";
import { visit } from "@/testing/page";
import { ACCOUNT, nodeOf, serve, workspaceOf } from "@/testing/server";

// jsdom paints nothing: what is drawn is looked at in screenshots, what is said is tested here.
vi.mock("./plot", () => ({
  dataOf: () => [],
  plot: () => ({ setScale() {}, setData() {}, setSize() {}, destroy() {}, batch() {} }),
}));
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    disconnect() {}
  },
);

const NOW = Date.now();

const LATEST: TelemetrySample = {
  at: NOW,
  uptime_s: 1,
  cpu_millis: [120],
  load_millis: [1000, 2000, 3000],
  memory: { total_bytes: 800, available_bytes: 600, swap_total_bytes: 0, swap_used_bytes: 0 },
  disks: [],
  devices: [],
  networks: [],
  open_files: 9,
  processes: [{ pid: 77, name: "postgres", cpu_millis: 1500, memory_bytes: 2 * 1024 ** 3 }],
  workspaces: [],
};

const HISTORY: TelemetryHistory = {
  from: NOW - 3_600_000,
  to: NOW,
  step_ms: 20_000,
  times: [NOW - 60_000, NOW - 40_000, NOW - 20_000],
  series: [
    { metric: "cpu", average: [100, null, 300], low: [50, null, 60], high: [200, null, 900] },
  ],
  latest: LATEST,
};

function page(history: TelemetryHistory, more: Parameters<typeof serve>[0] = {}) {
  return serve({
    "GET /api/v1/me": () => ACCOUNT,
    "GET /api/v1/nodes/node_1": () => nodeOf(),
    "GET /api/v1/nodes/node_1/telemetry": () => history,
    "GET /api/v1/organizations/org_1/workspaces": () => ({ items: [] }),
    ...more,
  });
}

test("what a chart shows is said in words and figures, too", async () => {
  page(HISTORY);
  await visit("/servers/node_1");
  await screen.findByRole("img", { name: "CPU. CPU: from 5% to 90%, 20% on average." });
  const chart = screen.getByRole("region", { name: "CPU" });
  fireEvent.click(within(chart).getByText("Figures"));
  const row = within(chart).getByRole("row", { name: /^CPU/ });
  expect(
    within(row)
      .getAllByRole("cell")
      .map(({ textContent }) => textContent),
  ).toEqual(["30%", "5%", "20%", "90%"]);
});

test("the range stands in the address", async () => {
  page(HISTORY);
  const router = await visit("/servers/node_1");
  const ranges = await screen.findByRole("navigation", { name: "Time that is shown" });
  const day = within(ranges).getByRole("link", { name: "24 h" });
  expect(within(ranges).getByRole("link", { name: "1 h" }).ariaCurrent).toBe("page");
  fireEvent.click(day);
  await vi.waitFor(() => expect(day.ariaCurrent).toBe("page"));
  expect(router.state.location.search).toEqual({ range: "24h" });
  const overview = screen.getByRole("link", { name: "Overview" });
  await vi.waitFor(() => expect(overview.ariaCurrent).toBe("page"));
});

test("a server that has measured nothing yet says so", async () => {
  page({ ...HISTORY, times: [], series: [], latest: undefined });
  await visit("/servers/node_1");
  await screen.findByText(/The first figures are about to come/);
});

test("what a workspace uses opens below it, and stands in the address", async () => {
  page(HISTORY, {
    "GET /api/v1/organizations/org_1/workspaces": () => ({ items: [workspaceOf()] }),
    "GET /api/v1/workspaces/ws_1/telemetry": () => ({
      ...HISTORY,
      latest: undefined,
      series: [{ metric: "workspace_cpu", of: "ws_1", average: [500, null, 2500] }],
    }),
  });
  const router = await visit("/servers/node_1?tab=workspaces&range=24h");
  const open = await screen.findByRole("button", { name: "What payments-api uses" });
  expect(open.ariaExpanded).toBe("false");
  fireEvent.click(open);
  const part = within(await screen.findByRole("region", { name: "What payments-api uses" }));
  await part.findByRole("img", { name: "CPU. CPU: from 50% to 250%, 150% on average." });
  expect(router.state.location.search).toEqual({ tab: "workspaces", workspace: "ws_1" });
  expect(screen.getByRole("link", { name: "Workspaces", current: "page" })).toBeTruthy();
  fireEvent.click(part.getByRole("link", { name: "6 h" }));
  await vi.waitFor(() =>
    expect(router.state.location.search).toEqual({
      tab: "workspaces",
      workspace: "ws_1",
      range: "6h",
    }),
  );
  fireEvent.click(screen.getByRole("button", { name: "What payments-api uses" }));
  await vi.waitFor(() => expect(router.state.location.search).toEqual({ tab: "workspaces" }));
});
