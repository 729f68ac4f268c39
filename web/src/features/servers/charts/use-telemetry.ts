import { useEffect, useMemo, useState } from "react";
import { useNodeTelemetry } from "@/api/nodes";
import type { TelemetrySample } from "@/api/types";
import { followServer } from "./live";
import { RANGES, type Range, refetchMs } from "./ranges";
import { chartsOf } from "./specs";
import { tableOf } from "./table";

/** How many live measurements are held until the history has them: ten minutes. */
const LIVE_MAX = 60;

/** What a server used over a range, up to this moment. */
export function useTelemetry(node: string, range: Range) {
  const history = useNodeTelemetry(node, RANGES[range], refetchMs);
  const live = useLive(node);
  const latest = newest(live.at(-1), history.data?.latest ?? undefined);
  const data = history.data;
  const table = useMemo(() => {
    if (!data) return undefined;
    const to = Math.max(data.to, latest?.at ?? 0);
    return { to, charts: chartsOf(tableOf(data, live, to - RANGES[range])) };
  }, [data, live, latest, range]);
  return { history, latest, table };
}

function newest(
  a: TelemetrySample | undefined,
  b: TelemetrySample | undefined,
): TelemetrySample | undefined {
  if (!a || !b) return a ?? b;
  return a.at > b.at ? a : b;
}

/** What was measured since the page is open; the newest last. */
function useLive(node: string): readonly TelemetrySample[] {
  const [samples, setSamples] = useState<readonly TelemetrySample[]>([]);
  useEffect(() => {
    setSamples([]);
    return followServer(node, (sample) => {
      setSamples((held) => {
        const before = held.at(-1)?.at ?? 0;
        return sample.at > before ? [...held.slice(1 - LIVE_MAX), sample] : held;
      });
    });
  }, [node]);
  return samples;
}
