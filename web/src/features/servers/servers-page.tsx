import { CircleDot, CircleOff, ShieldAlert, ShieldCheck } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import type { Node, Protection } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { Page, RowSkeletons } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { useMembership } from "@/lib/session";

/** The servers that workspaces run on, and what protects them there. */
export function ServersPage() {
  const { t } = useTranslation("organization");
  const { organization_id: organization } = useMembership();
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/nodes",
    { params: { path: { organization } } },
    PAGED,
  );
  const nodes = itemsOf(list.data);
  return (
    <Page title={t("place.servers", { ns: "common" })} description={t("servers.detail")}>
      {list.isPending ? <RowSkeletons label={t("servers.loading")} rows={6} /> : null}
      {list.isError && nodes.length === 0 ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
      ) : null}
      {nodes.map((node) => (
        <NodeSection key={node.id} node={node} />
      ))}
      {list.hasNextPage ? (
        <Button pending={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("action.loadMore", { ns: "common" })}
        </Button>
      ) : null}
    </Page>
  );
}

function NodeSection({ node }: { node: Node }) {
  const { t } = useTranslation("organization");
  const heading = useId();
  const online = node.state === "online";
  const Icon = online ? CircleDot : CircleOff;
  return (
    <section aria-labelledby={heading} className="border-t py-5">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h2 id={heading} className="font-semibold text-base">
          <bdi>{node.name}</bdi>
        </h2>
        <span
          className={`inline-flex items-center gap-1 font-medium text-xs ${online ? "text-ok" : "text-bad"}`}
        >
          <Icon className="size-3.5" aria-hidden />
          {t(`servers.${node.state}`)}
        </span>
        {node.local ? <span className="text-ink-3 text-xs">{t("servers.local")}</span> : null}
      </header>
      {online ? null : <p className="mt-2 text-ink-2">{t("servers.offlineDetail")}</p>}
      <NodeFacts node={node} />
      {node.info ? <Protections protections={node.info.protections} /> : null}
    </section>
  );
}

function NodeFacts({ node }: { node: Node }) {
  const { t } = useTranslation("organization");
  const { info } = node;
  const facts = info
    ? ([
        ["hostname", info.hostname],
        ["kernel", `${info.kernel} · ${info.architecture}`],
        ["cpus", String(info.cpus)],
        ["memory", formatBytes(info.memory_bytes, currentLocale())],
        ["drivers", info.drivers.join(", ")],
        ["version", info.version],
      ] as const)
    : [];
  return (
    <dl className="mt-3 grid grid-cols-2 gap-x-6 gap-y-2 sm:grid-cols-4">
      {facts.map(([name, value]) => (
        <div key={name} className="min-w-0">
          <dt className="text-ink-3 text-xs">{t(`servers.${name}`)}</dt>
          <dd className="truncate">
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
      <div>
        <dt className="text-ink-3 text-xs">{t("servers.joined")}</dt>
        <dd>
          <TimeAgo at={node.created_at} />
        </dd>
      </div>
    </dl>
  );
}

function Protections({ protections }: { protections: Protection[] }) {
  const { t } = useTranslation("organization");
  const missing = protections.filter(({ holds }) => !holds).length;
  return (
    <div className="mt-4">
      <h3 className="font-medium">{t("servers.protections")}</h3>
      <p className="text-ink-2 text-xs">
        {missing === 0 ? t("servers.allHold") : t("servers.missing", { count: missing })}
      </p>
      <ul className="mt-2 grid gap-x-6 gap-y-2 md:grid-cols-2">
        {protections.map(({ kind, holds, detail }) => (
          <li key={kind} className="flex gap-2">
            {holds ? (
              <ShieldCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-hidden />
            ) : (
              <ShieldAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
            )}
            <div className="min-w-0">
              <p>
                {t(`protection.${kind}`)}
                <span className={holds ? "sr-only" : "text-warn"}>
                  {" · "}
                  {t(holds ? "servers.holds" : "servers.holdsNot")}
                </span>
              </p>
              <p className="text-ink-2 text-xs">
                <bdi>{detail}</bdi>
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}
