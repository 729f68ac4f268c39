import { GitBranch, LayoutTemplate, SquareTerminal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";

const STEPS = [
  ["source", GitBranch],
  ["start", LayoutTemplate],
  ["work", SquareTerminal],
] as const;

interface EmptyDashboardProps {
  onCreate: () => void;
  /** Why this person cannot create one. */
  forbidden: string | undefined;
}

/** Teaches the first step. */
export function EmptyDashboard({ onCreate, forbidden }: EmptyDashboardProps) {
  const { t } = useTranslation("workspaces");
  return (
    <section className="mx-auto max-w-xl px-2 pt-[8vh]">
      <h2 className="font-semibold text-xl">{t("empty.title")}</h2>
      <p className="mt-2 text-base text-ink-2">{t("empty.detail")}</p>
      <ol className="my-6 flex flex-col gap-4">
        {STEPS.map(([step, Icon]) => (
          <li key={step} className="flex gap-3">
            <Icon className="mt-0.5 size-[18px] shrink-0 text-accent-text" aria-hidden />
            <span className="text-base">{t(`empty.${step}`)}</span>
          </li>
        ))}
      </ol>
      <Button variant="primary" onClick={onCreate} disabledReason={forbidden}>
        {t("create.open")}
      </Button>
    </section>
  );
}
