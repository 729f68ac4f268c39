import { useTranslation } from "react-i18next";
import { currentLocale } from "@/lib/i18n";
import { useLineName } from "./names";
import { type ChartSpec, figuresOf } from "./specs";
import { formatValue } from "./units";

/** A chart in figures, for those who do not see it, and for those who want to know exactly. */
export function FiguresTable({ chart }: { chart: ChartSpec }) {
  const { t } = useTranslation("telemetry");
  const nameOf = useLineName();
  const locale = currentLocale();
  const format = (value: number | null) =>
    value === null ? "–" : formatValue(value, chart.unit, locale);
  return (
    <details className="mt-1 text-xs">
      <summary className="w-fit cursor-pointer rounded-sm text-ink-3 hover:text-ink">
        {t("figures.show")}
      </summary>
      <div className="mt-1 overflow-x-auto">
        <table className="w-full">
          <thead className="text-ink-3">
            <tr>
              {(["line", "now", "low", "average", "high"] as const).map((name) => (
                <th key={name} scope="col" className="py-0.5 pe-3 text-start font-medium">
                  {t(`figures.${name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {chart.lines.map((line) => {
              const figures = figuresOf(line);
              return (
                <tr key={line.key}>
                  <th scope="row" className="py-0.5 pe-3 text-start font-normal">
                    <bdi>{nameOf(line.name)}</bdi>
                  </th>
                  {(["now", "low", "average", "high"] as const).map((name) => (
                    <td key={name} className="whitespace-nowrap py-0.5 pe-3">
                      <bdi dir="ltr">{figures ? format(figures[name]) : "–"}</bdi>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
