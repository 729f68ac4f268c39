import { Ban, Check, Circle, LoaderCircle, X } from "lucide-react";
import type { ComponentType } from "react";
import { useTranslation } from "react-i18next";
import type { WorkspaceStep } from "@/api/types";
import { cn } from "@/lib/cn";
import { currentLocale } from "@/lib/i18n";
import { numberFormat } from "@/lib/intl";

const LOOK: Record<
  WorkspaceStep["state"],
  [icon: ComponentType<{ className: string }>, style: string]
> = {
  pending: [Circle, "text-ink-3"],
  running: [LoaderCircle, "text-info animate-spin"],
  done: [Check, "text-ok"],
  failed: [X, "text-bad"],
  cancelled: [Ban, "text-ink-3"],
};

/** How long a finished step took, in seconds. */
function duration(step: WorkspaceStep): string | undefined {
  if (step.started_at == null || step.finished_at == null) return undefined;
  return numberFormat(currentLocale(), {
    style: "unit",
    unit: "second",
    unitDisplay: "narrow",
    maximumFractionDigits: 1,
  }).format((step.finished_at - step.started_at) / 1000);
}

function Progress({ label, percent }: { label: string; percent: number }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className="mt-1 h-1 overflow-hidden rounded-full bg-hover"
    >
      <div
        className="h-full rounded-full bg-info transition-[width]"
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}

function Step({ step }: { step: WorkspaceStep }) {
  const { t } = useTranslation();
  const [Icon, style] = LOOK[step.state];
  const label = t(`step.${step.kind}`);
  const running = step.state === "running";
  return (
    <li aria-current={running ? "step" : undefined} className="flex gap-2">
      <Icon className={cn("mt-0.5 size-4 shrink-0", style)} aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex justify-between gap-2">
          <span className={step.state === "pending" ? "text-ink-3" : undefined}>
            {label}
            <span className="sr-only"> · {t(`stepState.${step.state}`)}</span>
          </span>
          <span className="text-ink-3 text-xs">
            {running && step.percent != null ? `${step.percent}%` : duration(step)}
          </span>
        </p>
        {running && step.percent != null ? <Progress label={label} percent={step.percent} /> : null}
        {step.detail && step.state !== "done" ? (
          <p
            // A tool's own line of progress runs left to right; cut short, it keeps its beginning.
            dir={step.state === "failed" ? "auto" : "ltr"}
            className={cn(
              "mt-0.5 text-xs",
              step.state === "failed" ? "text-bad" : "truncate font-mono text-ink-3",
            )}
          >
            <bdi>{step.detail}</bdi>
          </p>
        ) : null}
      </div>
    </li>
  );
}

/** The steps of a start, in order, with where it is. */
export function StepTimeline({ steps }: { steps: WorkspaceStep[] }) {
  const { t } = useTranslation();
  return (
    <ol aria-label={t("step.list")} className="flex flex-col gap-1.5">
      {steps.map((step) => (
        <Step key={step.kind} step={step} />
      ))}
    </ol>
  );
}
