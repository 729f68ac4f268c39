import { Circle, CircleDot, LoaderCircle, Trash2, TriangleAlert } from "lucide-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type { WorkspaceState } from "@/api/types";
import { cn } from "@/lib/cn";

const LOOK: Record<WorkspaceState, [icon: ComponentType<{ className: string }>, style: string]> = {
  running: [CircleDot, "text-ok"],
  starting: [LoaderCircle, "text-info [&_svg]:animate-spin"],
  stopping: [LoaderCircle, "text-ink-2 [&_svg]:animate-spin"],
  stopped: [Circle, "text-ink-2"],
  failed: [TriangleAlert, "text-bad"],
  deleted: [Trash2, "text-ink-2"],
};

/** A workspace's state, as an icon and a word. */
export function StateBadge({ state }: { state: WorkspaceState }) {
  const { t } = useTranslation();
  const [Icon, style] = LOOK[state];
  return (
    <span className={cn("inline-flex shrink-0 items-center gap-1 font-medium text-xs", style)}>
      <Icon className="size-3.5" aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}
