import {
  Ban,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleX,
  Clock,
  Hand,
  LoaderCircle,
  Unplug,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import type { NodeJob, NodeRun } from "@/api/types";
import { cn } from "@/lib/cn";

type State = NodeJob["state"] | NodeRun["state"];

const LOOKS = {
  awaiting_approval: [Hand, "text-warn"],
  held: [Hand, "text-warn"],
  refused: [Ban, "text-ink-3"],
  queued: [CircleDashed, "text-ink-2"],
  running: [LoaderCircle, "text-info"],
  succeeded: [CircleCheck, "text-ok"],
  failed: [CircleX, "text-bad"],
  interrupted: [Unplug, "text-bad"],
  cancelled: [CirclePause, "text-ink-3"],
  expired: [Clock, "text-warn"],
} as const satisfies Record<State, readonly [typeof Ban, string]>;

/** How a job or a run stands: an icon and a word. */
export function JobState({ state }: { state: State }) {
  const { t } = useTranslation("jobs");
  const [Icon, style] = LOOKS[state];
  return (
    <span className={cn("inline-flex shrink-0 items-center gap-1.5 text-xs", style)}>
      <Icon className="size-3.5" aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}

/** Whether something can still happen. */
export function isOpen(job: NodeJob): boolean {
  return job.counts.queued + job.counts.running > 0;
}

/** On how many servers. */
export function totalOf({ counts }: NodeJob): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
