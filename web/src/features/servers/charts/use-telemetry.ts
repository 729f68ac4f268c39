import { useEffect, useMemo, useState } from "react";
import { useNodeTelemetry, useWorkspaceTelemetry } from "@/api/telemetry";
import type { TelemetrySample, WorkspaceReading } from "@/api/types";
import { followLive, serverLive, workspaceLive } from "./live";
import { RANGES, type Range, refetchMs } from "./ranges";
import { type ChartSpec, chartsOf } from "./specs";
import { type History, type Measurement, measuredOf, measuredOn, tableOf } from "./table";
import { workspaceChartsOf } from "./workspace-specs";

/** How many live measurements are held until the history has them: ten minutes. */
const LIVE_MAX = 60;

/** Charts, and the end of the time that they show. */
export interface Charts {
  to: number;
  charts: ChartSpec[];
}

/** What a server used over a range, up to this moment. */
export function useTelemetry(node: string, range: Range) {
  const history = useNodeTelemetry(node, RANGES[range], refetchMs);
  const live = useLive<TelemetrySample>(serverLive(node));
  const latest = newest(live.at(-1), history.data?.latest ?? undefined);
  const { data } = history;
  const table = useMemo((): Charts | undefined => {
    const [to, table] = upToNow(data, live.map(measuredOn), range, latest?.at) ?? [];
    return to === undefined || !table ? undefined : { to, charts: chartsOf(table) };
  }, [data, live, latest, range]);
  return { history, latest, table };
}

/** What one workspace used, likewise. */
export function useWorkspaceUsage(workspace: string, range: Range) {
  const history = useWorkspaceTelemetry(workspace, RANGES[range], refetchMs);
  const live = useLive<WorkspaceReading>(workspaceLive(workspace));
  const latest = newest(live.at(-1), history.data?.latest ?? undefined);
  const { data } = history;
  const table = useMemo((): Charts | undefined => {
    const [to, table] = upToNow(data, live.map(measuredOf), range, latest?.at) ?? [];
    return to === undefined || !table ? undefined : { to, charts: workspaceChartsOf(table) };
  }, [data, live, latest, range]);
  return { history, table };
}

function upToNow(
  history: (History & { to: number }) | undefined,
  live: readonly Measurement[],
  range: Range,
  latest: number | undefined,
) {
  if (!history) return undefined;
  const to = Math.max(history.to, latest ?? 0);
  return [to, tableOf(history, live, to - RANGES[range])] as const;
}

function newest<Sample extends { at: number }>(
  a: Sample | undefined,
  b: Sample | undefined,
): Sample | undefined {
  if (!a || !b) return a ?? b;
  return a.at > b.at ? a : b;
}

/** What was measured since the page is open; the newest last. */
function useLive<Sample extends { at: number }>(path: string): readonly Sample[] {
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  useEffect(() => {
    setSamples([]);
    return followLive<Sample>(path, (sample) => {
      setSamples((held) => {
        const before = held.at(-1)?.at ?? 0;
        return sample.at > before ? [...held.slice(1 - LIVE_MAX), sample] : held;
      });
    });
  }, [path]);
  return samples;
}
