import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Node } from "@/api/types";
import { TimeAgo } from "@/components/time-ago";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { DEFAULT_RANGE, type Range } from "./charts/ranges";
import { ServerCharts } from "./charts/server-charts";
import { PolicyTable } from "./policy-table";
import { ProtectionList } from "./protection-list";

/** What the server says of itself, what it uses, and what its owner permits. */
export function ServerOverview({ node, range }: { node: Node; range?: Range }) {
  const { t } = useTranslation("servers");
  return (
    <div className="flex flex-col gap-8 pb-6">
      <Facts node={node} />
      <ServerCharts node={node} range={range ?? DEFAULT_RANGE} />
      {node.info?.policy ? (
        <Part title={t("policy.title")} detail={t("policy.detail")}>
          <PolicyTable policy={node.info.policy} />
        </Part>
      ) : null}
      {node.info ? (
        <Part title={t("protection.title")} detail={t("protection.detail")}>
          <ProtectionList protections={node.info.protections} />
        </Part>
      ) : null}
    </div>
  );
}

function Part(props: { title: string; detail?: string; children: ReactNode }) {
  return (
    <section>
      <h2 className="font-semibold text-base">{props.title}</h2>
      {props.detail ? <p className="mb-2 max-w-2xl text-ink-2">{props.detail}</p> : null}
      {props.children}
    </section>
  );
}

function Facts({ node }: { node: Node }) {
  const { t } = useTranslation("servers");
  const { info, address } = node;
  const online = node.state === "online";
  const since = online ? node.state_since : node.last_seen_at;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 sm:grid-cols-4">
      {info ? (
        <>
          <Fact name={t("fact.hostname")}>{info.hostname}</Fact>
          <Fact name={t("fact.system")}>{`${info.kernel} · ${info.architecture}`}</Fact>
          <Fact name={t("fact.cpus")}>{info.cpus}</Fact>
          <Fact name={t("fact.memory")}>{formatBytes(info.memory_bytes, currentLocale())}</Fact>
          <Fact name={t("fact.version")}>{info.version}</Fact>
          <Fact name={t("fact.drivers")}>{info.drivers.join(", ")}</Fact>
        </>
      ) : null}
      {address ? (
        <Fact name={t("fact.address")}>
          <span dir="ltr">{address}</span>
        </Fact>
      ) : null}
      <Fact name={t("fact.joined")}>
        <TimeAgo at={node.created_at} />
      </Fact>
      {since == null ? null : (
        <Fact name={t(online ? "fact.online" : "fact.seen")}>
          <TimeAgo at={since} />
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <dt className="text-ink-3 text-xs">{name}</dt>
      <dd className="break-words">
        <bdi>{children}</bdi>
      </dd>
    </div>
  );
}
