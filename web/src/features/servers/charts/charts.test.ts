import { afterEach, describe, expect, test, vi } from "vitest";
import type { TelemetryHistory, TelemetrySample } from "@/api/types";
import { followLive, serverLive } from "./live";
import { isRange, refetchMs } from "./ranges";
import { chartsOf, figuresOf } from "./specs";
import { measuredOf, measuredOn, tableOf } from "./table";
import { formatValue } from "./units";
import { workspaceChartsOf } from "./workspace-specs";

const STEP = 20_000;

function sampleAt(at: number, cpu = 100): TelemetrySample {
  return {
    at,
    uptime_s: 1,
    cpu_millis: [cpu, cpu],
    load_millis: [1000, 2000, 3000],
    memory: { total_bytes: 800, available_bytes: 600, swap_total_bytes: 0, swap_used_bytes: 0 },
    disks: [
      { path: "/", total_bytes: 100, available_bytes: 25, inodes: 0, inodes_available: 0 },
      { path: "/data", total_bytes: 200, available_bytes: 150, inodes: 10, inodes_available: 5 },
    ],
    devices: [],
    networks: [{ name: "eth0", received_bytes_per_s: 5, sent_bytes_per_s: 6, errors: 0 }],
    open_files: 9,
    processes: [],
    workspaces: [],
  };
}

function historyOf(times: number[], values: (number | null)[]): TelemetryHistory {
  const series = [
    { metric: "cpu" as const, average: values, low: values, high: values.map((v) => v && v * 2) },
  ];
  return { from: 0, to: times.at(-1) ?? 0, step_ms: STEP, times, series };
}

describe("the table of measurements", () => {
  test("goes on where the history ends, and counts nothing twice", () => {
    const history = historyOf([0, STEP, 2 * STEP], [10, 20, 30]);
    const live = [sampleAt(STEP), sampleAt(2 * STEP), sampleAt(3 * STEP, 40)];
    const table = tableOf(history, live.map(measuredOn), 0);
    expect(table.times).toEqual([0, STEP, 2 * STEP, 3 * STEP]);
    const cpu = table.columns.find(({ metric }) => metric === "cpu");
    expect(cpu?.average).toEqual([10, 20, 30, 40]);
    expect(cpu?.high).toEqual([20, 40, 60, 40]);
    const files = table.columns.find(({ metric }) => metric === "open_files");
    expect(files?.average).toEqual([null, null, null, 9]);
  });

  test("leaves a gap where nothing was measured for long", () => {
    const table = tableOf(historyOf([0], [10]), [measuredOn(sampleAt(10 * STEP, 40))], 0);
    expect(table.times).toEqual([0, STEP, 10 * STEP]);
    const cpu = table.columns.find(({ metric }) => metric === "cpu");
    expect(cpu?.average).toEqual([10, null, 40]);
  });

  test("begins where the range does", () => {
    const table = tableOf(historyOf([0, STEP, 2 * STEP], [10, 20, 30]), [], STEP);
    expect(table.times).toEqual([STEP, 2 * STEP]);
    expect(tableOf(historyOf([0], [10]), [], STEP).times).toEqual([]);
  });
});

describe("the charts", () => {
  const charts = chartsOf(
    tableOf(historyOf([], []), [sampleAt(0), sampleAt(10_000)].map(measuredOn), 0),
  );
  const chart = (id: string) => charts.find((chart) => chart.id === id);

  test("are those that there is something to show in", () => {
    const ids = charts.map(({ id }) => id);
    expect(ids).toEqual(["cpu", "cores", "load", "memory", "space", "inodes", "network", "files"]);
  });

  test("show disks as shares of the whole, and leave out what has none", () => {
    expect(chart("space")?.lines.map(({ values }) => values[0])).toEqual([750, 250]);
    expect(chart("inodes")?.lines.map(({ name }) => name.of)).toEqual(["/data"]);
  });

  test("show at most so many lines, those that reach highest", () => {
    const many = sampleAt(0);
    many.cpu_millis = Array.from({ length: 64 }, (_, core) => core);
    const [, cores] = chartsOf(tableOf(historyOf([], []), [measuredOn(many)], 0));
    expect(cores?.lines).toHaveLength(16);
    expect(cores?.lines[0]?.name.core).toBe("48");
  });

  test("come to figures for those who do not see them", () => {
    const cpu = chartsOf(tableOf(historyOf([0, STEP, 2 * STEP], [10, null, 30]), [], 0))[0];
    expect(cpu && figuresOf(cpu.lines[0] as never)).toEqual({
      now: 30,
      low: 10,
      average: 20,
      high: 60,
    });
  });
});

test("values are said with their unit", () => {
  expect(formatValue(55, "share", "en")).toBe("5.5%");
  expect(formatValue(1250, "load", "en")).toBe("1.25");
  expect(formatValue(1536, "rate", "en")).toBe("1.5 kB/s");
  expect(formatValue(12_345, "count", "en")).toBe("12,345");
});

test("a history is read again neither too often nor too seldom", () => {
  expect([refetchMs(undefined), refetchMs(10_000), refetchMs(60_000), refetchMs(9e9)]).toEqual([
    30_000, 30_000, 60_000, 300_000,
  ]);
  expect([isRange("24h"), isRange("25h"), isRange("toString"), isRange(1)]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});

describe("live measurements", () => {
  afterEach(() => vi.useRealTimers());

  test("are followed across dropped connections, until nobody looks", () => {
    vi.useFakeTimers();
    const sockets: WebSocket[] = [];
    const open = () => {
      const socket = { close: vi.fn() } as unknown as WebSocket;
      sockets.push(socket);
      return socket;
    };
    const seen: number[] = [];
    const stop = followLive<TelemetrySample>(serverLive("node_1"), ({ at }) => seen.push(at), open);
    const tell = (at: number) =>
      sockets.at(-1)?.onmessage?.({ data: JSON.stringify(sampleAt(at)) } as MessageEvent);
    tell(1);
    sockets[0]?.onclose?.({} as CloseEvent);
    vi.runAllTimers();
    expect(sockets).toHaveLength(2);
    tell(2);
    expect(seen).toEqual([1, 2]);
    stop();
    expect(sockets[1]?.close).toHaveBeenCalled();
    sockets[1]?.onclose?.({} as CloseEvent);
    vi.runAllTimers();
    expect(sockets).toHaveLength(2);
  });
});

describe("the charts of a workspace", () => {
  const usage = { id: "ws_1", cpu_millis: 2500, memory_bytes: 4096, processes: 7 };
  const history = {
    step_ms: STEP,
    times: [0],
    series: [
      { metric: "workspace_cpu" as const, of: "ws_1", average: [500] },
      { metric: "workspace_memory" as const, of: "ws_1", average: [2048] },
    ],
  };

  test("go on with what is measured, and have a gap while it does not run", () => {
    const live = [{ at: STEP, usage }, { at: STEP + 10_000 }, { at: STEP + 20_000, usage }];
    const charts = workspaceChartsOf(tableOf(history, live.map(measuredOf), 0));
    expect(charts.map(({ id }) => id)).toEqual(["cpu", "memory", "processes"]);
    const [cpu] = charts;
    expect(cpu?.max, "several CPUs are more than 100 %").toBeUndefined();
    expect(cpu?.lines[0]?.values).toEqual([500, 2500, null, 2500]);
  });

  test("traffic with devices is shown where the kernel counts it", () => {
    const counted = { ...usage, read_bytes_per_s: 10, written_bytes_per_s: 20 };
    const table = tableOf(history, [measuredOf({ at: STEP, usage: counted })], 0);
    const io = workspaceChartsOf(table).find(({ id }) => id === "io");
    expect(io?.lines.map(({ name, values }) => [name.word, values])).toEqual([
      ["read", [null, 10]],
      ["written", [null, 20]],
    ]);
  });
});
