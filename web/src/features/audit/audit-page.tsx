import { Ban, Check, ChevronRight, CircleX } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import type { AuditEvent } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { Page, RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { useMembership } from "@/lib/session";

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

function AuditTable({ events }: { events: AuditEvent[] }) {
  const { t } = useTranslation("organization");
  return (
    <table className="w-full">
      <thead className="border-b text-ink-3 text-xs">
        <tr>
          <th className="py-2 text-start font-medium">{t("audit.time")}</th>
          <th className="py-2 text-start font-medium max-sm:hidden">{t("audit.actor")}</th>
          <th className="py-2 text-start font-medium">{t("audit.action")}</th>
          <th className="hidden py-2 text-start font-medium lg:table-cell">
            {t("audit.resource")}
          </th>
          <th className="py-2 text-start font-medium">{t("audit.outcome")}</th>
          <th className="w-8">
            <span className="sr-only">{t("audit.more")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <AuditRow key={event.id} event={event} />
        ))}
      </tbody>
    </table>
  );
}

const OUTCOMES = {
  success: [Check, "text-ok"],
  denied: [Ban, "text-warn"],
  failure: [CircleX, "text-bad"],
} as const;

function AuditRow({ event }: { event: AuditEvent }) {
  const { t } = useTranslation("organization");
  const [open, setOpen] = useState(false);
  const details = useId();
  const [Icon, style] = OUTCOMES[event.outcome];
  return (
    <>
      <tr className="border-b">
        <td className="whitespace-nowrap py-1.5 pe-3 text-ink-2">
          <TimeAgo at={event.at} />
        </td>
        <td className="py-1.5 pe-3 max-sm:hidden">
          <bdi>{event.actor_name}</bdi>
        </td>
        <td className="break-all py-1.5 pe-3 font-mono text-xs">
          <bdi>{event.action}</bdi>
          <span className="block font-sans text-ink-3 sm:hidden">
            <bdi>{event.actor_name}</bdi>
          </span>
        </td>
        <td className="hidden break-all py-1.5 pe-3 font-mono text-ink-2 text-xs lg:table-cell">
          <bdi>{event.resource}</bdi>
        </td>
        <td className="py-1.5 pe-3">
          <span className={cn("inline-flex items-center gap-1 text-xs", style)}>
            <Icon className="size-3.5" aria-hidden />
            <span className="max-sm:sr-only">{t(`audit.outcomes.${event.outcome}`)}</span>
          </span>
        </td>
        <td className="py-1.5">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label={t("audit.moreOf", { action: event.action })}
            aria-expanded={open}
            aria-controls={details}
            onClick={() => setOpen(!open)}
          >
            <ChevronRight
              className={cn("transition-transform", open ? "rotate-90" : "flip-rtl")}
              aria-hidden
            />
          </Button>
        </td>
      </tr>
      {open ? (
        <tr id={details} className="border-b bg-canvas">
          <td colSpan={6} className="p-3">
            <AuditDetails event={event} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

function AuditDetails({ event }: { event: AuditEvent }) {
  const { t } = useTranslation("organization");
  const facts = [
    ["sequence", String(event.sequence)],
    ["by", event.actor],
    ["resource", event.resource],
    ["address", event.address],
    ["request", event.request_id],
    ["hash", event.hash],
    ["details", JSON.stringify(event.details, null, 2)],
  ] as const;
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs">
      {facts.map(([name, value]) =>
        value ? (
          <div key={name} className="contents">
            <dt className="text-ink-2">{t(`audit.${name}`)}</dt>
            <dd className="whitespace-pre-wrap break-all font-mono">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ) : null,
      )}
    </dl>
  );
}
