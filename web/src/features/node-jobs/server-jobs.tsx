import { useTranslation } from "react-i18next";
import { useNode } from "@/api/nodes";
import { roleAtLeast, useRoleIn } from "@/lib/session";
import { JobList } from "./job-list";
import { useJobs } from "./queries";

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
  return <JobList list={useJobs(organization, { node: nodeId })} none={t("noneHere")} />;
}
