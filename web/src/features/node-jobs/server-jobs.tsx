import { Plus } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNode } from "@/api/nodes";
import { Button } from "@/components/ui/button";
import { roleAtLeast, useRoleIn } from "@/lib/session";
import { JobList } from "./job-list";
import { useJobs } from "./queries";

const JobDialog = lazy(async () => ({ default: (await import("./job-dialog")).JobDialog }));

/** The jobs that run, or have run, on one server. */
export function ServerJobs({ nodeId }: { nodeId: string }) {
  const { t } = useTranslation("jobs");
  const organization = useNode(nodeId).data?.organization_id;
  const role = useRoleIn(organization);
  if (organization === undefined) return null;
  if (!roleAtLeast(role, "admin")) return <p className="text-ink-2">{t("forbidden")}</p>;
  return <List organization={organization} nodeId={nodeId} />;
}

function List({ organization, nodeId }: { organization: string; nodeId: string }) {
  const { t } = useTranslation("jobs");
  const [adding, setAdding] = useState(false);
  const close = () => setAdding(false);
  return (
    <div className="flex flex-col items-start gap-3">
      <Button onClick={() => setAdding(true)}>
        <Plus aria-hidden />
        {t("add.job")}
      </Button>
      <div className="w-full">
        <JobList list={useJobs(organization, { node: nodeId })} none={t("noneHere")} />
      </div>
      <Suspense>
        {adding ? (
          <JobDialog
            organization={organization}
            scheduled={false}
            nodeId={nodeId}
            onClose={close}
          />
        ) : null}
      </Suspense>
    </div>
  );
}
