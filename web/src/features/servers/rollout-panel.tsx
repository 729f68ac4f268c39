import { ChevronDown } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { NodeRollout } from "@/api/types";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { cn } from "@/lib/cn";
import { useCommands } from "@/lib/commands";
import { RolloutNodes } from "./rollout-nodes";
import { hasEnded, useCurrentRollout, useRolloutActions, useSeenRollouts } from "./use-rollouts";

/** The update of servers that is under way, or has just ended. */
export function RolloutPanel({ organization }: { organization: string }) {
  const rollout = useCurrentRollout(organization);
  return rollout ? <Panel key={rollout.id} rollout={rollout} /> : null;
}

function Panel({ rollout }: { rollout: NodeRollout }) {
  const { t } = useTranslation("servers");
  const [open, setOpen] = useState(rollout.state === "failed");
  const list = useId();
  const { waiting, running, succeeded, failed, skipped, aborted } = rollout.counts;
  const all = waiting + running + succeeded + failed + skipped + aborted;
  const done = all - waiting - running;
  return (
    <section aria-label={t("rollout.title")} className="mb-4 shrink-0 rounded-md border">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2">
        <div className="min-w-48 flex-1">
          <p aria-live="polite">
            <span className={cn("font-medium", rollout.state === "failed" && "text-bad")}>
              {t(`rollout.state.${rollout.state}`)}
            </span>{" "}
            <span className="text-ink-2">{t("rollout.progress", { done: succeeded, all })}</span>
          </p>
          {rollout.reason ? (
            <p className="text-ink-2 text-xs" dir="auto">
              {rollout.reason}
            </p>
          ) : null}
        </div>
        <Actions rollout={rollout} />
        <Button
          size="sm"
          variant="ghost"
          aria-expanded={open}
          aria-controls={list}
          onClick={() => setOpen(!open)}
        >
          {t("rollout.servers")}
          <ChevronDown className={cn("transition-transform", open && "rotate-180")} aria-hidden />
        </Button>
      </div>
      <progress
        aria-label={t("rollout.title")}
        className="block h-1 w-full rounded-none"
        value={done}
        max={all}
      />
      <div id={list} hidden={!open}>
        {open ? <RolloutNodes rollout={rollout.id} /> : null}
      </div>
    </section>
  );
}

function Actions({ rollout }: { rollout: NodeRollout }) {
  const { t } = useTranslation("servers");
  const { pending, pause, resume, abort } = useRolloutActions(rollout.id);
  const see = useSeenRollouts((state) => state.see);
  const [asking, setAsking] = useState(false);
  const hide = () => see(rollout.id);
  const command = (verb: "pause" | "resume" | "abort" | "hide", run: () => void) => ({
    id: `rollout.${verb}`,
    title: `${t("rollout.title")}: ${t(`rollout.${verb}`)}`,
    run,
  });
  useCommands(
    "rollout",
    hasEnded(rollout)
      ? [command("hide", hide)]
      : [
          rollout.state === "paused" ? command("resume", resume) : command("pause", pause),
          command("abort", () => setAsking(true)),
        ],
  );
  if (hasEnded(rollout)) {
    return (
      <Button size="sm" onClick={hide}>
        {t("rollout.hide")}
      </Button>
    );
  }
  return (
    <>
      {rollout.state === "paused" ? (
        <Button size="sm" pending={pending} onClick={resume}>
          {t("rollout.resume")}
        </Button>
      ) : (
        <Button size="sm" pending={pending} onClick={pause}>
          {t("rollout.pause")}
        </Button>
      )}
      <Button size="sm" onClick={() => setAsking(true)}>
        {t("rollout.abort")}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t("rollout.abortTitle")}
        description={t("rollout.abortDetail")}
        action={t("rollout.abort")}
        pending={pending}
        onConfirm={() => {
          abort();
          setAsking(false);
        }}
      />
    </>
  );
}
