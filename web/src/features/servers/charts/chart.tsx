import { useEffect, useId, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type uPlot from "uplot";
import { currentLocale } from "@/lib/i18n";
import { useResolvedTheme } from "@/lib/theme";
import { tokenColors } from "@/lib/token-colors";
import { FiguresTable } from "./figures-table";
import { useLineName } from "./names";
import type { ChartSpec } from "./specs";
import { figuresOf } from "./specs";
import { formatTime } from "./times";
import { formatValue } from "./units";

const HEIGHT_PX = 168;

const COLORS = [
  "chart-1",
  "chart-2",
  "chart-3",
  "chart-4",
  "chart-5",
  "chart-6",
  "chart-7",
  "chart-8",
] as const;

interface ChartProps {
  chart: ChartSpec;
  /** The span that is shown, whether something was measured in it or not. */
  from: number;
  to: number;
}

/** One chart: its name, the values now or where somebody points, the plot, and its figures in words. */
export function Chart({ chart, from, to }: ChartProps) {
  const { t } = useTranslation("telemetry");
  const title = useId();
  const nameOf = useLineName();
  const [pointed, setPointed] = useState<number | null>(null);
  const index = pointed !== null && pointed < chart.times.length ? pointed : chart.times.length - 1;
  const at = pointed === null ? undefined : chart.times[index];
  const locale = currentLocale();
  const format = (value: number | null | undefined) =>
    value == null ? "–" : formatValue(value, chart.unit, locale);
  const summary = useMemo(() => {
    const parts = chart.lines.slice(0, 4).flatMap((line) => {
      const figures = figuresOf(line);
      if (!figures) return [];
      const value = (value: number) => formatValue(value, chart.unit, locale);
      return [
        t("summary", {
          name: nameOf(line.name),
          low: value(figures.low),
          average: value(figures.average),
          high: value(figures.high),
        }),
      ];
    });
    return `${t(`chart.${chart.id}`)}. ${parts.join(" ")}`;
  }, [chart, nameOf, t, locale]);

  return (
    <section
      aria-labelledby={title}
      className="flex min-w-0 flex-col rounded-md border bg-surface p-3"
    >
      <div className="flex items-baseline justify-between gap-2">
        <h3 id={title} className="font-medium">
          {t(`chart.${chart.id}`)}
        </h3>
        <span className="text-ink-3 text-xs">
          {at === undefined ? null : formatTime(at, 0, locale)}
        </span>
      </div>
      <ul className="mt-1 mb-2 flex max-h-13 flex-wrap gap-x-3 gap-y-0.5 overflow-y-auto text-xs">
        {chart.lines.map((line, number) => (
          <li key={line.key} className="flex items-center gap-1.5">
            <span
              aria-hidden
              className="h-0.5 w-3 shrink-0 rounded-sm"
              style={{ background: `var(--${colorOf(number)})` }}
            />
            <bdi className="text-ink-2">{nameOf(line.name)}</bdi>
            <bdi dir="ltr">{format(line.values[index])}</bdi>
          </li>
        ))}
      </ul>
      <Plot chart={chart} from={from} to={to} label={summary} onCursor={setPointed} />
      <FiguresTable chart={chart} />
    </section>
  );
}

function colorOf(line: number) {
  return COLORS[line % COLORS.length] ?? COLORS[0];
}

interface PlotProps extends ChartProps {
  label: string;
  onCursor: (index: number | null) => void;
}

/** The plot, whose code comes when the first one is shown. Times go from left to right everywhere. */
function Plot({ chart, from, to, label, onCursor }: PlotProps) {
  const target = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ plot: uPlot; dataOf: (chart: ChartSpec) => uPlot.AlignedData }>(undefined);
  const newest = useRef({ chart, from, to });
  newest.current = { chart, from, to };
  const theme = useResolvedTheme();
  const locale = currentLocale();
  // What is another plot, and not only other values.
  const shape = `${chart.unit} ${chart.max ?? ""} ${chart.lines.map(({ key }) => key).join()}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another shape or look is another plot.
  useEffect(() => {
    const element = target.current;
    if (!element) return;
    let gone = false;
    const resized = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0) drawn.current?.plot.setSize({ width, height: HEIGHT_PX });
    });
    void import("./plot").then(({ plot, dataOf }) => {
      if (gone) return;
      const tokens = tokenColors([...COLORS, "ink-3", "line"]);
      const { chart, from, to } = newest.current;
      const look = {
        width: element.clientWidth,
        height: HEIGHT_PX,
        colors: chart.lines.map((_, line) => tokens[colorOf(line)]),
        ink: tokens["ink-3"],
        grid: tokens.line,
        font: `11px ${getComputedStyle(element).fontFamily}`,
        format: (value: number) => formatValue(value, chart.unit, locale),
        time: (at: number, span: number) => formatTime(at, span, locale),
      };
      const made = plot(element, chart, look, onCursor);
      made.setScale("x", { min: from, max: to });
      drawn.current = { plot: made, dataOf };
      resized.observe(element);
    });
    return () => {
      gone = true;
      resized.disconnect();
      drawn.current?.plot.destroy();
      drawn.current = undefined;
    };
  }, [shape, theme, locale, onCursor]);

  useEffect(() => {
    const held = drawn.current;
    if (!held) return;
    held.plot.batch(() => {
      held.plot.setData(held.dataOf(chart), false);
      held.plot.setScale("x", { min: from, max: to });
    });
  }, [chart, from, to]);

  return (
    <div
      ref={target}
      dir="ltr"
      role="img"
      aria-label={label}
      className="min-w-0 overflow-hidden"
      style={{ height: HEIGHT_PX }}
    />
  );
}
