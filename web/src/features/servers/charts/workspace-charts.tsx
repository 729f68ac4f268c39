import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { Chart } from "./chart";
import { ChartSkeletons } from "./chart-skeletons";
import { RangePicker } from "./range-picker";
import { RANGES, type Range } from "./ranges";
import { useWorkspaceUsage } from "./use-telemetry";

interface WorkspaceChartsProps {
  workspace: Workspace;
  range: Range;
}

/** What one workspace uses: live, and over the chosen range. */
export function WorkspaceCharts({ workspace, range }: WorkspaceChartsProps) {
  const { t } = useTranslation("telemetry");
  const title = useId();
  const { history, table } = useWorkspaceUsage(workspace.id, range);
  return (
    <section aria-labelledby={title} className="pt-1 pb-4">
      <h2 id={title} className="sr-only">
        {t("workspace.title", { name: workspace.name })}
      </h2>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <p className="text-ink-2">{t("workspace.detail")}</p>
        <RangePicker beside={{ tab: "workspaces", workspace: workspace.id }} />
      </div>
      {table ? (
        table.charts.length === 0 ? (
          <p className="text-ink-2">{t(workspace.state === "running" ? "soon" : "none")}</p>
        ) : (
          <div className="grid gap-3 md:grid-cols-2">
            {table.charts.map((chart) => (
              <Chart key={chart.id} chart={chart} from={table.to - RANGES[range]} to={table.to} />
            ))}
          </div>
        )
      ) : history.isError ? (
        <ErrorState
          error={history.error}
          onRetry={() => void history.refetch()}
          retrying={history.isFetching}
        />
      ) : (
        <ChartSkeletons label={t("loading")} count={2} />
      )}
    </section>
  );
}
