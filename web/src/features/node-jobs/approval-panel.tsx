import { Check, Hand, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { NodeJob } from "@/api/types";
import { Button } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { useAccount, useRoleIn } from "@/lib/session";
import { useJobActions } from "./actions";
import { totalOf } from "./job-state";

/** What would run, who asks, which rules want to know, and the answer. */
export function ApprovalPanel({ job }: { job: NodeJob }) {
  const { t } = useTranslation("jobs");
  const account = useAccount();
  const role = useRoleIn(job.organization_id);
  const actions = useJobActions(job);
  const own = account.id === job.created_by && role !== "owner";
  useCommands("jobs", [
    {
      id: "job.approve",
      title: t("approval.approve"),
      disabledReason: own ? t("approval.own") : undefined,
      run: actions.approve.run,
    },
    { id: "job.refuse", title: t("approval.refuse"), run: actions.refuse.run },
  ]);
  return (
    <section
      aria-labelledby="approval"
      className="mb-5 rounded-md border border-warn bg-warn-soft p-4"
    >
      <h2 id="approval" className="flex items-center gap-2 font-semibold text-base">
        <Hand className="size-4 text-warn" aria-hidden />
        {t("approval.title")}
      </h2>
      <p className="mt-1">
        {t("approval.asks", { name: job.created_by_name, count: totalOf(job) })}
      </p>
      <ul className="mt-3 flex flex-col gap-2">
        {(job.findings ?? []).map((finding) => (
          <li key={`${finding.rule} ${finding.command}`}>
            <code dir="ltr" className="break-all font-mono text-xs">
              {finding.command}
            </code>
            <p className="text-ink-2 text-xs">
              <bdi>{finding.reason}</bdi> <bdi>({finding.rule})</bdi>
            </p>
          </li>
        ))}
      </ul>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button
          variant="primary"
          pending={actions.approve.pending}
          onClick={actions.approve.run}
          disabledReason={own ? t("approval.own") : undefined}
        >
          <Check aria-hidden />
          {t("approval.approve")}
        </Button>
        <Button pending={actions.refuse.pending} onClick={actions.refuse.run}>
          <X aria-hidden />
          {t("approval.refuse")}
        </Button>
      </div>
      {own ? <p className="mt-2 text-ink-2 text-xs">{t("approval.own")}</p> : null}
    </section>
  );
}
