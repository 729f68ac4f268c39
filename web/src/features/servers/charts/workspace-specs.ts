import type { TelemetryMetric } from "@/api/types";
import { type ChartSpec, type LineName, lineOf } from "./specs";
import type { Table } from "./table";

/** The charts of one workspace that there is something to show in. CPU has no end: 100 % is one of them. */
export function workspaceChartsOf(table: Table): ChartSpec[] {
  const lines = (metric: TelemetryMetric, word: LineName["word"]) =>
    table.columns
      .filter((column) => column.metric === metric)
      .map((column) => lineOf(column, { word }));
  const charts: Omit<ChartSpec, "times">[] = [
    { id: "cpu", unit: "share", lines: lines("workspace_cpu", "cpu") },
    { id: "memory", unit: "bytes", lines: lines("workspace_memory", "memory") },
    {
      id: "io",
      unit: "rate",
      lines: [...lines("workspace_read", "read"), ...lines("workspace_written", "written")],
    },
    { id: "processes", unit: "count", lines: lines("workspace_processes", "processes") },
  ];
  return charts
    .filter(({ lines }) => lines.length > 0)
    .map((chart) => ({ ...chart, times: table.times }));
}
