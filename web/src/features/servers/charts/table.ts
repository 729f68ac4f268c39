import type {
  TelemetryHistory,
  TelemetryMetric,
  TelemetrySample,
  WorkspaceReading,
} from "@/api/types";

/** Values over the times of a table. */
export type Values = readonly (number | null)[];

/** One series of a table. */
export interface Column {
  metric: TelemetryMetric;
  /** The core, path or name; empty for the machine. */
  of: string;
  average: Values;
  low?: Values;
  high?: Values;
}

/** Measurements over time; a time without any value is a gap. */
export interface Table {
  times: readonly number[];
  columns: readonly Column[];
}

interface MutableColumn {
  metric: TelemetryMetric;
  of: string;
  average: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
}

/** How often servers measure. */
const MEASURED_MS = 10_000;

/** What is further apart than so many steps has a gap between; as the control plane has it. */
const GAP_STEPS = 3.5;

type Reading = [metric: TelemetryMetric, of: string, value: number];

/** A measurement in the words of the history. */
export interface Measurement {
  at: number;
  readings: readonly Reading[];
}

/** What of a history the table is made of. */
export type History = Pick<TelemetryHistory, "times" | "series" | "step_ms">;

/** A server's measurement. */
export function measuredOn(sample: TelemetrySample): Measurement {
  return { at: sample.at, readings: readingsOf(sample) };
}

/** A workspace's; nothing while it does not run. */
export function measuredOf({ at, usage }: WorkspaceReading): Measurement {
  if (!usage) return { at, readings: [] };
  const readings: Reading[] = [
    ["workspace_cpu", usage.id, usage.cpu_millis],
    ["workspace_memory", usage.id, usage.memory_bytes],
    ["workspace_processes", usage.id, usage.processes],
  ];
  if (usage.read_bytes_per_s != null) {
    readings.push(["workspace_read", usage.id, usage.read_bytes_per_s]);
  }
  if (usage.written_bytes_per_s != null) {
    readings.push(["workspace_written", usage.id, usage.written_bytes_per_s]);
  }
  return { at, readings };
}

function readingsOf(sample: TelemetrySample): Reading[] {
  const readings: Reading[] = [["cpu", "", cpuOf(sample)]];
  sample.cpu_millis.forEach((busy, core) => {
    readings.push(["core", String(core), busy]);
  });
  const loads = ["load1", "load5", "load15"] as const;
  loads.forEach((metric, index) => {
    readings.push([metric, "", sample.load_millis[index] ?? 0]);
  });
  if (sample.pressure) {
    readings.push(["pressure_cpu", "", sample.pressure.cpu_millis]);
    readings.push(["pressure_memory", "", sample.pressure.memory_millis]);
    readings.push(["pressure_io", "", sample.pressure.io_millis]);
  }
  const { memory } = sample;
  readings.push(["memory_used", "", memory.total_bytes - memory.available_bytes]);
  readings.push(["memory_total", "", memory.total_bytes]);
  readings.push(["swap_used", "", memory.swap_used_bytes]);
  readings.push(["swap_total", "", memory.swap_total_bytes]);
  for (const disk of sample.disks) {
    readings.push(["disk_used", disk.path, disk.total_bytes - disk.available_bytes]);
    readings.push(["disk_total", disk.path, disk.total_bytes]);
    readings.push(["inodes_used", disk.path, disk.inodes - disk.inodes_available]);
    readings.push(["inodes_total", disk.path, disk.inodes]);
  }
  for (const device of sample.devices) {
    readings.push(["device_read", device.name, device.read_bytes_per_s]);
    readings.push(["device_written", device.name, device.written_bytes_per_s]);
    readings.push(["device_busy", device.name, device.busy_millis]);
  }
  for (const network of sample.networks) {
    readings.push(["network_received", network.name, network.received_bytes_per_s]);
    readings.push(["network_sent", network.name, network.sent_bytes_per_s]);
    readings.push(["network_errors", network.name, network.errors]);
  }
  readings.push(["open_files", "", sample.open_files]);
  return readings;
}

/** All CPUs together, in thousandths. */
function cpuOf(sample: TelemetrySample): number {
  const sum = sample.cpu_millis.reduce((sum, busy) => sum + busy, 0);
  return Math.floor(sum / Math.max(1, sample.cpu_millis.length));
}

/**
 * The history, and what was measured since. Where much time lies between two of them, a gap stays:
 * nothing was measured then, or it has not been collected yet.
 */
export function tableOf(history: History, live: readonly Measurement[], from: number): Table {
  const start = history.times.findIndex((at) => at >= from);
  const kept = start < 0 ? history.times.length : start;
  const times = history.times.slice(kept);
  const columns = new Map<string, MutableColumn>(
    history.series.map(({ metric, of, average, low, high }) => {
      const column = {
        metric,
        of: of ?? "",
        average: average.slice(kept),
        low: low?.slice(kept),
        high: high?.slice(kept),
      };
      return [`${metric} ${column.of}`, column] as const;
    }),
  );
  const put = (at: number, readings: readonly Reading[]) => {
    const row = times.push(at) - 1;
    for (const [metric, of, value] of readings) {
      const key = `${metric} ${of}`;
      const column = columns.get(key) ?? {
        metric,
        of,
        average: Array<number | null>(row).fill(null),
        low: undefined,
        high: undefined,
      };
      columns.set(key, column);
      column.average[row] = value;
    }
    for (const column of columns.values()) {
      for (const values of [column.average, column.low, column.high]) {
        if (values && values.length <= row) values.push(column.average[row] ?? null);
      }
    }
  };
  for (const sample of live) {
    const before = times.at(-1);
    if (sample.at < from || (before !== undefined && sample.at <= before)) continue;
    const step = Math.max(history.step_ms, MEASURED_MS);
    if (before !== undefined && sample.at - before > GAP_STEPS * step) put(before + step, []);
    put(sample.at, sample.readings);
  }
  return { times, columns: [...columns.values()] };
}
