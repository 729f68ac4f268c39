import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { ChartSpec } from "./specs";

/** What a plot is drawn with. */
export interface PlotLook {
  width: number;
  height: number;
  /** A colour for each line. */
  colors: readonly string[];
  ink: string;
  grid: string;
  font: string;
  format: (value: number) => string;
  time: (at: number, spanMs: number) => string;
}

/** Pixels for the values beside the plot, and for the times below it. */
const AXIS_WIDTH = 64;
const AXIS_HEIGHT = 24;

/** Bytes are told in powers of 1,024: round numbers are those of 2. */
const BINARY = Array.from({ length: 52 }, (_, power) => 2 ** power);

/** All plots of a page have their cursor at the same time. */
const CURSOR = uPlot.sync("server-telemetry");

/** Draws a chart into an element; `onCursor` hears which point is pointed at. */
export function plot(
  target: HTMLElement,
  chart: ChartSpec,
  look: PlotLook,
  onCursor: (index: number | null) => void,
): uPlot {
  const bands: uPlot.Band[] = [];
  const series: uPlot.Series[] = [{}];
  chart.lines.forEach((line, index) => {
    const stroke = look.colors[index] ?? look.ink;
    series.push({
      stroke,
      width: 1.5,
      points: { show: true, size: 3, fill: stroke, filter: lonely },
    });
    // The spread is drawn where it can be read: of a single line.
    if (chart.lines.length === 1 && line.high) {
      series.push({ stroke: "transparent", points: { show: false } });
      series.push({ stroke: "transparent", points: { show: false } });
      bands.push({ series: [2, 3], fill: faint(stroke) });
    }
  });
  const axis = { stroke: look.ink, font: look.font, ticks: { show: false } };
  return new uPlot(
    {
      width: look.width,
      height: look.height,
      ms: 1,
      series,
      bands,
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 6 },
        sync: { key: CURSOR.key, scales: ["x", null] },
      },
      scales: {
        y: { range: (_, __, most) => [0, chart.max || Math.max(most * 1.1, least(chart))] },
      },
      axes: [
        {
          ...axis,
          size: AXIS_HEIGHT,
          space: 80,
          grid: { show: false },
          values: (self, splits) => {
            const { min, max } = self.scales.x ?? {};
            return splits.map((at) => look.time(at, (max ?? 0) - (min ?? 0)));
          },
        },
        {
          ...axis,
          size: AXIS_WIDTH,
          space: 36,
          grid: { stroke: look.grid, width: 1 },
          ...(chart.unit === "bytes" || chart.unit === "rate" ? { incrs: BINARY } : {}),
          values: (_, splits) => splits.map(look.format),
        },
      ],
      hooks: { setCursor: [(self) => onCursor(self.cursor.idx ?? null)] },
    },
    dataOf(chart),
    target,
  );
}

/** A chart's values as the plot wants them. */
export function dataOf({ times, lines }: ChartSpec): uPlot.AlignedData {
  const values = lines.flatMap(({ values, low, high }) =>
    lines.length === 1 && high ? [values, high, low ?? values] : [values],
  );
  return [times, ...values] as uPlot.AlignedData;
}

/** A scale of nothing but zeros still has a height. */
function least({ unit }: ChartSpec): number {
  return { share: 10, load: 100, bytes: 1024, rate: 1024, count: 1 }[unit];
}

/** The points that stand between two gaps: no line shows them. */
function lonely(self: uPlot, index: number): number[] {
  const values = self.data[index] ?? [];
  const alone: number[] = [];
  values.forEach((value, at) => {
    if (value != null && values[at - 1] == null && values[at + 1] == null) alone.push(at);
  });
  return alone;
}

/** `#rrggbb`, hardly there. */
function faint(color: string): string {
  return `${color}2e`;
}
