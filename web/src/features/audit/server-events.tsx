import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { useNode } from "@/api/nodes";
import { itemsOf, PAGED } from "@/api/paged";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { roleAtLeast, useRoleIn } from "@/lib/session";
import { AuditTable } from "./audit-table";

/**
 * Events tell what changes of the server itself (`node-sync.ts`); what is done on its machine tells
 * nobody. So the newest are looked for, until a person has gone on to older ones.
 */
const NEWEST_INTERVAL_MS = 15_000;

/** What was done to a server, and on its machine from here. */
export function ServerEvents({ nodeId }: { nodeId: string }) {
  const { t } = useTranslation("organization");
  const organization = useNode(nodeId).data?.organization_id;
  const role = useRoleIn(organization);
  if (organization === undefined) return null;
  return (
    <section aria-labelledby="audit-title" className="pb-6">
      <h2 id="audit-title" className="mb-1 font-semibold text-base">
        {t("audit.serverTitle")}
      </h2>
      {roleAtLeast(role, "admin") ? (
        <Events organization={organization} nodeId={nodeId} />
      ) : (
        <p className="text-ink-2">{t("audit.forbidden")}</p>
      )}
    </section>
  );
}

function Events({ organization, nodeId }: { organization: string; nodeId: string }) {
  const { t } = useTranslation("organization");
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/audit-events",
    { params: { path: { organization }, query: { resource: nodeId } } },
    {
      ...PAGED,
      staleTime: 0,
      refetchInterval: ({ state }) =>
        (state.data?.pages.length ?? 1) > 1 ? false : NEWEST_INTERVAL_MS,
    },
  );
  const events = itemsOf(list.data);
  return (
    <>
      <p className="mb-3 max-w-2xl text-ink-2">
        {t("audit.serverDetail")}{" "}
        <Link to="/audit" className="text-accent-text underline underline-offset-2">
          {t("place.audit", { ns: "common" })}
        </Link>
      </p>
      {list.isPending ? <RowSkeletons label={t("audit.loading")} rows={6} /> : null}
      {list.isError && events.length === 0 ? (
        <ErrorState
          error={list.error}
          onRetry={() => void list.refetch()}
          retrying={list.isFetching}
        />
      ) : null}
      {list.isSuccess && events.length === 0 ? (
        <p className="text-ink-2">{t("audit.none")}</p>
      ) : null}
      {events.length > 0 ? <AuditTable events={events} ofOne /> : null}
      <LoadMore list={list} />
    </>
  );
}
