/** What has been begun and waits to be ended: a merge, rebase, cherry-pick or revert. */
import { GitMerge } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { isConflicted } from "./groups";
import type { GitSession } from "./session";
import type { GitStatus, GitStep } from "./types";
import type { GitActions } from "./use-git";

interface OperationBannerProps {
  status: GitStatus;
  session: GitSession;
  actions: GitActions;
}

export function OperationBanner({ status, session, actions }: OperationBannerProps) {
  const { t } = useTranslation("git");
  const { operation } = status;
  if (!operation) return null;
  const conflicts = status.files.filter(isConflicted).length;
  const proceed = (step: GitStep) => {
    session.setState({ message: "" });
    void actions.long("proceed", { step });
  };
  return (
    <div role="status" className="m-2 mb-0 rounded-md border border-warn bg-warn-soft p-2 text-sm">
      <p className="flex items-center gap-1.5 font-medium">
        <GitMerge className="size-4 shrink-0 text-warn" aria-hidden />
        {t(`operation.${operation}`)}
      </p>
      <p className="pt-0.5 text-ink-2 text-xs">
        {operation === "bisect"
          ? t("operation.inTerminal")
          : conflicts > 0
            ? t("operation.conflicts", { count: conflicts })
            : t("operation.ready")}
      </p>
      {operation === "bisect" ? null : (
        <div className="flex flex-wrap gap-1.5 pt-2">
          <Button
            size="sm"
            variant="primary"
            disabledReason={
              conflicts > 0 ? t("operation.conflicts", { count: conflicts }) : undefined
            }
            onClick={() => proceed("continue")}
          >
            {t("step.continue")}
          </Button>
          {operation === "merge" ? null : (
            <Button size="sm" onClick={() => proceed("skip")}>
              {t("step.skip")}
            </Button>
          )}
          <Button size="sm" onClick={() => proceed("abort")}>
            {t("step.abort")}
          </Button>
        </div>
      )}
    </div>
  );
}
