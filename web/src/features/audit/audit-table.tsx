import { Ban, Check, ChevronRight, CircleX } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEvent } from "@/api/types";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";

interface AuditTableProps {
  events: AuditEvent[];
  /** They are all of one thing: how it was done is told in place of to what. */
  ofOne?: boolean;
}

/** Who did what, newest first; all that is known of each opens below it. */
export function AuditTable({ events, ofOne = false }: AuditTableProps) {
  const { t } = useTranslation("organization");
  return (
    <table className="w-full">
      <thead className="border-b text-ink-3 text-xs">
        <tr>
          <th className="py-2 text-start font-medium">{t("audit.time")}</th>
          <th className="py-2 text-start font-medium max-sm:hidden">{t("audit.actor")}</th>
          <th className="py-2 text-start font-medium">{t("audit.action")}</th>
          <th className="hidden py-2 text-start font-medium lg:table-cell">
            {t(ofOne ? "audit.details" : "audit.resource")}
          </th>
          <th className="py-2 text-start font-medium">{t("audit.outcome")}</th>
          <th className="w-8">
            <span className="sr-only">{t("audit.more")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map((event) => (
          <AuditRow key={event.id} event={event} ofOne={ofOne} />
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

function AuditRow({ event, ofOne }: { event: AuditEvent; ofOne: boolean }) {
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
        <td
          className={cn("break-all py-1.5 pe-3 font-mono text-xs", ofOne && "lg:whitespace-nowrap")}
        >
          <bdi>{event.action}</bdi>
          <span className="block font-sans text-ink-3 sm:hidden">
            <bdi>{event.actor_name}</bdi>
          </span>
        </td>
        <td className="hidden break-all py-1.5 pe-3 font-mono text-ink-2 text-xs lg:table-cell">
          <bdi>{ofOne ? detailsText(event.details) : event.resource}</bdi>
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

/** As much of the details as tells one event from the next. */
const DETAILS_MAX = 120;

/** The details in one line; of a request's query, what it says. */
export function detailsText(details: unknown): string {
  if (typeof details !== "object" || details === null) return "";
  const text = Object.entries(details)
    .flatMap(([name, value]) =>
      name === "query" ? [...new URLSearchParams(String(value))] : [[name, value] as const],
    )
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" · ");
  return text.length > DETAILS_MAX ? `${text.slice(0, DETAILS_MAX)}…` : text;
}
