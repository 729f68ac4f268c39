import { CircleDot, CircleOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import type { Node, NodeConnectionChange, NodeConnectionReason } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { cn } from "@/lib/cn";
import { formatDuration } from "@/lib/duration";
import { currentLocale } from "@/lib/i18n";

/** So few that what was done to the server is in sight below. */
const PAGE_LIMIT = 10;

/**
 * The control plane writes changes seconds after they happen, and tells nobody when it has. So the
 * newest are looked for, until a person has gone on to older ones.
 */
const NEWEST_INTERVAL_MS = 15_000;

/** When the line to a server went up and down, and why; nothing for the one that has no line. */
export function ServerConnection({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  if (node.local) return null;
  return (
    <section aria-labelledby="connection-title" className="mb-8">
      <h2 id="connection-title" className="mb-1 font-semibold text-base">
        {t("connection.title")}
      </h2>
      <p className="mb-3 max-w-2xl text-ink-2">{t("connection.detail")}</p>
      <Changes nodeId={node.id} />
    </section>
  );
}

function Changes({ nodeId }: { nodeId: string }) {
  const { t } = useTranslation("servers");
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/nodes/{node}/connections",
    { params: { path: { node: nodeId }, query: { limit: PAGE_LIMIT } } },
    {
      ...PAGED,
      staleTime: 0,
      refetchInterval: ({ state }) =>
        (state.data?.pages.length ?? 1) > 1 ? false : NEWEST_INTERVAL_MS,
    },
  );
  const changes = itemsOf<NodeConnectionChange>(list.data);
  if (list.isPending) return <RowSkeletons label={t("connection.loading")} rows={3} />;
  if (list.isError && changes.length === 0) {
    return (
      <ErrorState
        error={list.error}
        onRetry={() => void list.refetch()}
        retrying={list.isFetching}
      />
    );
  }
  if (changes.length === 0) return <p className="text-ink-2">{t("connection.none")}</p>;
  return (
    <>
      <ul aria-labelledby="connection-title" className="divide-y border-y">
        {changes.map((change, index) => (
          <Change
            // There may be two in one millisecond, of which one is up.
            key={`${change.at} ${change.online}`}
            change={change}
            before={changes[index + 1]}
          />
        ))}
      </ul>
      <LoadMore list={list} />
    </>
  );
}

interface ChangeProps {
  change: NodeConnectionChange;
  /** The one that it followed, as far as it has been read. */
  before: NodeConnectionChange | undefined;
}

function Change({ change, before }: ChangeProps) {
  const { t } = useTranslation("servers");
  const Icon = change.online ? CircleDot : CircleOff;
  const wasAway = change.online && before !== undefined && !before.online;
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 py-1.5">
      <span
        className={cn(
          "inline-flex w-28 shrink-0 items-center gap-1 self-center font-medium text-xs",
          change.online ? "text-ok" : "text-bad",
        )}
      >
        <Icon className="size-3.5 shrink-0" aria-hidden />
        {t(change.online ? "connection.up" : "connection.down")}
      </span>
      <span className="w-28 shrink-0 text-ink-2">
        <TimeAgo at={change.at} />
      </span>
      <span className="min-w-0 break-words text-ink-2 max-sm:basis-full sm:flex-1">
        {wasAway
          ? t("connection.away", {
              duration: formatDuration(change.at - before.at, currentLocale()),
            })
          : null}
        {change.reason ? <Reason reason={change.reason} /> : null}
      </span>
    </li>
  );
}

/** Why it went down in words, and what a program said of it as it is. */
function Reason({ reason }: { reason: NodeConnectionReason }) {
  const { t } = useTranslation("servers");
  if (reason.kind === "silent") {
    const duration = formatDuration(reason.silence_ms, currentLocale());
    return t("connection.reason.silent", { duration });
  }
  if (reason.kind !== "failed") return t(`connection.reason.${reason.kind}`);
  return (
    <>
      {t("connection.reason.failed")}{" "}
      <bdi dir="ltr" className="break-words font-mono text-ink-3 text-xs">
        {reason.detail}
      </bdi>
    </>
  );
}
