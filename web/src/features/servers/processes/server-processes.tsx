import { useQuery } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { DEFAULT_RANGE } from "../charts/ranges";
import { useTelemetry } from "../charts/use-telemetry";
import { useRefusal } from "../machine-parts";
import { ProcessRow } from "./process-row";
import { processList, useProcessActions } from "./queries";
import { StartDialog } from "./start-dialog";
import { TopProcesses } from "./top-processes";

/** What runs on the machine: what it measures itself, and what was started from here. */
export function ServerProcesses({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const refusal = useRefusal(node, "exec");
  return (
    <div className="flex flex-col gap-8 pb-6">
      <section aria-labelledby="processes-title">
        <h2 id="processes-title" className="font-semibold text-base">
          {t("processes.title")}
        </h2>
        <p className="mb-2 max-w-2xl text-ink-2">{t("processes.detail")}</p>
        {refusal ? <p className="text-ink-2">{refusal.text}</p> : <Started node={node} />}
      </section>
      <Measured node={node} />
    </div>
  );
}

function Started({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const [starting, setStarting] = useState(false);
  const list = useQuery(processList(node.id));
  const actions = useProcessActions(node.id);
  const newestFirst = [...(list.data?.items ?? [])].reverse();
  const start = () => setStarting(true);
  useCommands("servers", [
    {
      id: "process.start",
      title: t("processes.start"),
      run: start,
    },
  ]);
  return (
    <div className="flex flex-col items-start gap-3">
      <Button onClick={start}>
        <Plus aria-hidden />
        {t("processes.start")}
      </Button>
      {list.data === undefined ? (
        list.isError ? (
          <ErrorState
            error={list.error}
            onRetry={() => void list.refetch()}
            retrying={list.isFetching}
          />
        ) : (
          <div className="w-full">
            <RowSkeletons label={t("processes.loading")} rows={2} />
          </div>
        )
      ) : newestFirst.length === 0 ? (
        <p className="text-ink-2">{t("processes.none")}</p>
      ) : (
        <ul className="w-full divide-y border-y">
          {newestFirst.map((process) => (
            <ProcessRow key={process.id} node={node.id} process={process} actions={actions} />
          ))}
        </ul>
      )}
      {starting ? (
        <StartDialog
          node={node.id}
          onStarted={() => void actions.refresh()}
          onClose={() => setStarting(false)}
        />
      ) : null}
    </div>
  );
}

/** The machine's own figures; what was measured last, where it is away. */
function Measured({ node }: { node: Node }) {
  const { t } = useTranslation("telemetry");
  const { history, latest } = useTelemetry(node.id, DEFAULT_RANGE);
  if (latest) {
    return (
      <div>
        {node.state === "offline" ? (
          <p className="mb-2 text-ink-2">
            {t("offline")} <TimeAgo at={latest.at} />
          </p>
        ) : null}
        <TopProcesses sample={latest} />
      </div>
    );
  }
  if (history.isError) {
    return (
      <ErrorState
        error={history.error}
        onRetry={() => void history.refetch()}
        retrying={history.isFetching}
      />
    );
  }
  if (history.isPending) return <RowSkeletons label={t("loading")} rows={4} />;
  return <p className="text-ink-2">{t(node.state === "online" ? "soon" : "none")}</p>;
}
