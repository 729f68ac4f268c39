import { useNavigate, useSearch } from "@tanstack/react-router";
import { ArrowUpFromLine, Plus } from "lucide-react";
import { lazy, Suspense, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNodeList } from "@/api/nodes";
import type { NodeFilter } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons } from "@/components/page";
import { Button } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { roleAtLeast, useMembership } from "@/lib/session";
import { useWide } from "@/lib/use-wide";
import { OnlyLocal } from "./only-local";
import { PendingTokens } from "./pending-tokens";
import { RolloutPanel } from "./rollout-panel";
import type { ServersSearch } from "./search";
import { ServersTable } from "./servers-table";
import { Toolbar } from "./toolbar";

const AddDialog = lazy(async () => ({ default: (await import("./add-dialog")).AddDialog }));
const RolloutDialog = lazy(async () => ({
  default: (await import("./rollout-dialog")).RolloutDialog,
}));

/** All servers of the organization, live: found by name, label and state. */
export function ServersPage() {
  const { t } = useTranslation("servers");
  const search = useSearch({ from: "/_app/servers/" });
  const navigate = useNavigate({ from: "/servers/" });
  const { organization_id: organization, role } = useMembership();
  const forbidden = roleAtLeast(role, "admin") ? undefined : t("forbidden.role");
  const edit = useCallback(
    (change: Partial<ServersSearch>) =>
      void navigate({ search: (now) => ({ ...now, ...change }), replace: true }),
    [navigate],
  );
  const add = () => edit({ add: true });
  const [updating, setUpdating] = useState(false);
  const update = () => setUpdating(true);
  useCommands("servers", [
    {
      id: "server.add",
      title: t("add.open"),
      disabledReason: forbidden,
      run: add,
    },
    {
      id: "server.update",
      title: t("rollout.open"),
      disabledReason: forbidden,
      run: update,
    },
  ]);
  return (
    <div className="mx-auto flex h-full max-w-7xl flex-col p-4 sm:p-6">
      <title>{`${t("place.servers", { ns: "common" })} · Atelier`}</title>
      <header className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <div>
          <h1 className="font-semibold text-xl">{t("place.servers", { ns: "common" })}</h1>
          <p className="mt-1 text-ink-2 max-sm:hidden">{t("detail")}</p>
        </div>
        <div className="flex flex-wrap gap-2">
          <Button onClick={update} disabledReason={forbidden}>
            <ArrowUpFromLine aria-hidden />
            {t("rollout.open")}
          </Button>
          <Button variant="primary" onClick={add} disabledReason={forbidden}>
            <Plus aria-hidden />
            {t("add.open")}
          </Button>
        </div>
      </header>
      <RolloutPanel organization={organization} />
      <PendingTokens organization={organization} />
      <Toolbar search={search} edit={edit} />
      <List organization={organization} search={search} edit={edit} onAdd={add} />
      <Suspense>
        {search.add && !forbidden ? <AddDialog onClose={() => edit({ add: undefined })} /> : null}
        {updating ? (
          <RolloutDialog
            organization={organization}
            label={search.label}
            onClose={() => setUpdating(false)}
          />
        ) : null}
      </Suspense>
    </div>
  );
}

interface ListProps {
  organization: string;
  search: ServersSearch;
  edit: (change: Partial<ServersSearch>) => void;
  onAdd: () => void;
}

function List({ organization, search, edit, onAdd }: ListProps) {
  const { t } = useTranslation("servers");
  const wide = useWide();
  const filter: NodeFilter = {
    ...(search.q ? { search: search.q } : {}),
    ...(search.label ? { label: search.label } : {}),
    ...(search.state ? { state: search.state } : {}),
  };
  const list = useNodeList(organization, filter);
  const { nodes, fetchNextPage, isFetchingNextPage } = list;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const onLabel = useCallback((label: string) => edit({ label }), [edit]);
  if (list.isPending) return <RowSkeletons label={t("loading")} rows={8} />;
  if (list.isError) {
    return (
      <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
    );
  }
  const filtered = Object.keys(filter).length > 0;
  if (nodes.length === 0) {
    return <p className="py-8 text-center text-ink-2">{t(filtered ? "filter.none" : "none")}</p>;
  }
  const onlyLocal = !filtered && nodes.length === 1 && nodes[0]?.local === true;
  return (
    <>
      <ServersTable
        nodes={nodes}
        wide={wide}
        more={list.hasNextPage}
        onMore={more}
        onLabel={onLabel}
      />
      {onlyLocal ? <OnlyLocal onAdd={onAdd} /> : null}
      <p className="pt-2 text-ink-3 text-xs" aria-live="polite">
        {t(list.hasNextPage ? "table.countMore" : "table.count", { count: nodes.length })}
      </p>
    </>
  );
}
