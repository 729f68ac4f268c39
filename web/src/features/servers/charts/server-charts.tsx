import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { Chart } from "./chart";
import { ChartSkeletons } from "./chart-skeletons";
import { RangePicker } from "./range-picker";
import { RANGES, type Range } from "./ranges";
import { useTelemetry } from "./use-telemetry";

interface ServerChartsProps {
  node: Node;
  range: Range;
}

/** What the server uses: live, and over the chosen range. */
export function ServerCharts({ node, range }: ServerChartsProps) {
  const { t } = useTranslation("telemetry");
  const { history, latest, table } = useTelemetry(node.id, range);
  return (
    <section aria-labelledby="telemetry-title">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <h2 id="telemetry-title" className="font-semibold text-base">
          {t("title")}
        </h2>
        <RangePicker />
      </div>
      {table ? (
        <>
          {node.state === "offline" && latest ? (
            <p className="mb-3 text-ink-2">
              {t("offline")} <TimeAgo at={latest.at} />
            </p>
          ) : null}
          {table.charts.length === 0 ? (
            <p className="text-ink-2">{t(node.state === "online" ? "soon" : "none")}</p>
          ) : (
            <div className="grid gap-3 md:grid-cols-2">
              {table.charts.map((chart) => (
                <Chart key={chart.id} chart={chart} from={table.to - RANGES[range]} to={table.to} />
              ))}
            </div>
          )}
        </>
      ) : history.isError ? (
        <ErrorState
          error={history.error}
          onRetry={() => void history.refetch()}
          retrying={history.isFetching}
        />
      ) : (
        <ChartSkeletons label={t("loading")} count={4} />
      )}
    </section>
  );
}
