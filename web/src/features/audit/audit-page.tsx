import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import { ErrorState } from "@/components/error-state";
import { Page, RowSkeletons } from "@/components/page";
import { Button } from "@/components/ui/button";
import { useMembership } from "@/lib/session";
import { AuditTable } from "./audit-table";

/** Who did what to which resource, newest first. */
export function AuditPage() {
  const { t } = useTranslation("organization");
  const { organization_id: organization } = useMembership();
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/audit-events",
    { params: { path: { organization } } },
    PAGED,
  );
  const events = itemsOf(list.data);
  return (
    <Page title={t("place.audit", { ns: "common" })} description={t("audit.detail")}>
      {list.isPending ? <RowSkeletons label={t("audit.loading")} rows={10} /> : null}
      {list.isError && events.length === 0 ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
      ) : null}
      {list.isSuccess && events.length === 0 ? (
        <p className="text-ink-2">{t("audit.none")}</p>
      ) : null}
      {events.length > 0 ? <AuditTable events={events} /> : null}
      {list.hasNextPage ? (
        <Button
          className="mt-4"
          pending={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("audit.older")}
        </Button>
      ) : null}
    </Page>
  );
}
