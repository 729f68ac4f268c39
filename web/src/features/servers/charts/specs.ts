import type { TelemetryMetric } from "@/api/types";
import type { Column, Table, Values } from "./table";

/** In what a chart counts. */
export type Unit = "share" | "load" | "bytes" | "rate" | "count";

/** The charts of a server and of a workspace, in the order of the page. */
const CHARTS = [
  "cpu",
  "cores",
  "load",
  "pressure",
  "memory",
  "swap",
  "space",
  "inodes",
  "io",
  "busy",
  "network",
  "errors",
  "files",
  "processes",
] as const;

type ChartId = (typeof CHARTS)[number];

/** What a line is called: a word of the interface, a name of the machine, or both. */
export interface LineName {
  /** A key below `telemetry:line`. */
  word?:
    | "cpu"
    | "memory"
    | "swap"
    | "io"
    | "read"
    | "written"
    | "received"
    | "sent"
    | "files"
    | "processes";
  /** Load over so many minutes. */
  minutes?: number;
  /** The core's number. */
  core?: string;
  /** A path, device or interface. */
  of?: string;
}

/** One line of a chart. */
export interface Line {
  key: string;
  name: LineName;
  values: Values;
  /** At least and at most, where the values are averages. */
  low?: Values;
  high?: Values;
}

/** One chart. */
export interface ChartSpec {
  id: ChartId;
  unit: Unit;
  times: readonly number[];
  lines: readonly Line[];
  /** The end of its scale, where that is known. */
  max?: number;
}

/** So many lines can be told apart, and those with most are shown. */
const LINES_MAX = 16;

/** The charts that there is something to show in. */
export function chartsOf(table: Table): ChartSpec[] {
  const all = (metric: TelemetryMetric) =>
    table.columns.filter((column) => column.metric === metric);
  const one = (metric: TelemetryMetric, name: LineName) =>
    all(metric).map((column) => lineOf(column, name));
  const named = (metric: TelemetryMetric, word?: LineName["word"]) =>
    all(metric).map((column) => lineOf(column, { word, of: column.of }));
  const shares = (used: TelemetryMetric, total: TelemetryMetric) =>
    all(used).flatMap((column) => {
      const whole = all(total).find(({ of }) => of === column.of);
      const line = whole && shareOf(column, whole);
      return line?.values.some((value) => value !== null) ? [line] : [];
    });
  const most = (metric: TelemetryMetric) => {
    const values = all(metric).flatMap(({ average }) => average);
    return values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
  };

  const swap = most("swap_total");
  const cores = all("core").sort((a, b) => Number(a.of) - Number(b.of));
  const errors = named("network_errors").filter(hasValues);
  const charts: Omit<ChartSpec, "times">[] = [
    { id: "cpu", unit: "share", max: 1000, lines: one("cpu", { word: "cpu" }) },
    {
      id: "cores",
      unit: "share",
      max: 1000,
      lines: cores.map((column) => lineOf(column, { core: column.of })),
    },
    {
      id: "load",
      unit: "load",
      lines: [
        ...one("load1", { minutes: 1 }),
        ...one("load5", { minutes: 5 }),
        ...one("load15", { minutes: 15 }),
      ],
    },
    {
      id: "pressure",
      unit: "share",
      lines: [
        ...one("pressure_cpu", { word: "cpu" }),
        ...one("pressure_memory", { word: "memory" }),
        ...one("pressure_io", { word: "io" }),
      ],
    },
    {
      id: "memory",
      unit: "bytes",
      max: most("memory_total"),
      lines: one("memory_used", { word: "memory" }),
    },
    {
      id: "swap",
      unit: "bytes",
      max: swap,
      lines: swap > 0 ? one("swap_used", { word: "swap" }) : [],
    },
    { id: "space", unit: "share", max: 1000, lines: shares("disk_used", "disk_total") },
    { id: "inodes", unit: "share", max: 1000, lines: shares("inodes_used", "inodes_total") },
    {
      id: "io",
      unit: "rate",
      lines: [...named("device_read", "read"), ...named("device_written", "written")],
    },
    { id: "busy", unit: "share", max: 1000, lines: named("device_busy") },
    {
      id: "network",
      unit: "rate",
      lines: [...named("network_received", "received"), ...named("network_sent", "sent")],
    },
    { id: "errors", unit: "count", lines: errors },
    { id: "files", unit: "count", lines: one("open_files", { word: "files" }) },
  ];
  return charts
    .filter(({ lines }) => lines.length > 0)
    .map((chart) => ({ ...chart, times: table.times, lines: told(chart.lines) }));
}

/** Those that can be told apart: all, or the ones that reach highest, in their order. */
function told(lines: readonly Line[]): readonly Line[] {
  if (lines.length <= LINES_MAX) return lines;
  const peak = ({ values }: Line) => values.reduce<number>((m, v) => Math.max(m, v ?? 0), 0);
  const highest = new Set([...lines].sort((a, b) => peak(b) - peak(a)).slice(0, LINES_MAX));
  return lines.filter((line) => highest.has(line));
}

function hasValues({ values }: Line): boolean {
  return values.some((value) => value !== null && value > 0);
}

/** A column as a line. */
export function lineOf(column: Column, name: LineName): Line {
  return {
    key: `${column.metric} ${column.of}`,
    name,
    values: column.average,
    low: column.low,
    high: column.high,
  };
}

/** In thousandths of the whole; nothing where there is no whole. */
function shareOf(used: Column, whole: Column): Line {
  const values = used.average.map((value, index) => {
    const all = whole.average[index];
    return value === null || value === undefined || !all ? null : (value * 1000) / all;
  });
  return { key: `${used.metric} ${used.of}`, name: { of: used.of }, values };
}

/** What a line comes to, for those who do not see it. */
export interface Figures {
  now: number | null;
  low: number;
  average: number;
  high: number;
}

/** The figures of a line; none when it has no value. */
export function figuresOf({ values, low, high }: Line): Figures | undefined {
  const present = (of: Values) => of.filter((value): value is number => value !== null);
  const averages = present(values);
  if (averages.length === 0) return undefined;
  return {
    now: values.at(-1) ?? null,
    low: present(low ?? values).reduce((least, value) => Math.min(least, value)),
    average: averages.reduce((sum, value) => sum + value, 0) / averages.length,
    high: present(high ?? values).reduce((most, value) => Math.max(most, value)),
  };
}
