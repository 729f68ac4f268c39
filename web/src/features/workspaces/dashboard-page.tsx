import { useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Search, Trash2 } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/api/types";
import { useWorkspaceList } from "@/api/workspaces";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { Button } from "@/components/ui/button";
import { Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { useCommands } from "@/lib/commands";
import { roleAtLeast, useMembership } from "@/lib/session";
import { EmptyDashboard } from "./empty-dashboard";
import { type DashboardSearch, FILTER_STATES, filterWorkspaces } from "./filter";
import { WorkspaceCard } from "./workspace-card";

const CreateDialog = lazy(async () => ({
  default: (await import("./create-dialog")).CreateDialog,
}));

/** All workspaces of the organization, live. */
export function DashboardPage() {
  const { t } = useTranslation("workspaces");
  const search = useSearch({ from: "/_app/" });
  const navigate = useNavigate({ from: "/" });
  const { organization_id, role } = useMembership();
  const list = useWorkspaceList(organization_id, search.view === "deleted");
  const forbidden = roleAtLeast(role, "member") ? undefined : t("forbidden.create");
  const edit = (change: Partial<DashboardSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const create = () => edit({ create: true });
  useCommands("workspaces", [
    {
      id: "workspace.create",
      title: t("create.open"),
      shortcut: "Alt+N",
      disabledReason: forbidden,
      run: create,
    },
    {
      id: "workspace.list.deleted",
      title: t(search.view ? "view.leaveDeleted" : "view.deleted"),
      run: () => edit({ view: search.view ? undefined : "deleted" }),
    },
  ]);
  const first = list.isSuccess && list.workspaces.length === 0 && !search.view;
  return (
    <div className="mx-auto max-w-6xl p-4 sm:p-6">
      <title>{`${t("place.workspaces", { ns: "common" })} · Atelier`}</title>
      <h1 className="sr-only">{t("place.workspaces", { ns: "common" })}</h1>
      <Toolbar search={search} edit={edit} onCreate={create} forbidden={forbidden} />
      {first ? (
        <EmptyDashboard onCreate={create} forbidden={forbidden} />
      ) : (
        <Cards list={list} search={search} />
      )}
      <Suspense>
        {search.create && !forbidden ? (
          <CreateDialog onClose={() => edit({ create: undefined })} />
        ) : null}
      </Suspense>
    </div>
  );
}

interface ToolbarProps {
  search: DashboardSearch;
  edit: (change: Partial<DashboardSearch>) => void;
  onCreate: () => void;
  forbidden: string | undefined;
}

function Toolbar({ search, edit, onCreate, forbidden }: ToolbarProps) {
  const { t } = useTranslation("workspaces");
  const deleted = search.view === "deleted";
  return (
    <div className="mb-4 flex flex-wrap items-center gap-2">
      <search className="relative min-w-40 flex-1 sm:max-w-72">
        <Search className="absolute start-2.5 top-2 size-4 text-ink-3" aria-hidden />
        <Input
          type="search"
          aria-label={t("filter.name")}
          placeholder={t("filter.name")}
          defaultValue={search.q}
          onChange={(event) => edit({ q: event.target.value || undefined })}
          className="ps-8"
        />
      </search>
      {deleted ? null : (
        <Select
          aria-label={t("filter.state")}
          value={search.state ?? ""}
          onChange={(event) =>
            edit({ state: FILTER_STATES.find((state) => state === event.target.value) })
          }
        >
          <option value="">{t("filter.allStates")}</option>
          {FILTER_STATES.map((state) => (
            <option key={state} value={state}>
              {t("filter.only", { state: t(`state.${state}`, { ns: "common" }) })}
            </option>
          ))}
        </Select>
      )}
      <Button
        variant="ghost"
        aria-pressed={deleted}
        onClick={() => edit({ view: deleted ? undefined : "deleted", state: undefined })}
        className="aria-pressed:bg-selected aria-pressed:text-accent-text"
      >
        <Trash2 aria-hidden />
        {t("view.deletedShort")}
      </Button>
      <span className="hidden flex-1 sm:block" />
      <Button variant="primary" onClick={onCreate} disabledReason={forbidden}>
        <Plus aria-hidden />
        {t("create.open")}
      </Button>
    </div>
  );
}

interface CardsProps {
  list: ReturnType<typeof useWorkspaceList>;
  search: DashboardSearch;
}

function Cards({ list, search }: CardsProps) {
  const { t } = useTranslation("workspaces");
  if (list.isPending) return <CardSkeletons />;
  if (list.isError && list.workspaces.length === 0) {
    return (
      <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
    );
  }
  const shown = filterWorkspaces(list.workspaces, search);
  return (
    <>
      {search.view ? <p className="mb-3 text-ink-2">{t("view.deletedDetail")}</p> : null}
      {shown.length === 0 ? (
        <p className="py-8 text-center text-ink-2">
          {t(search.view && list.workspaces.length === 0 ? "view.noneDeleted" : "filter.none")}
        </p>
      ) : (
        <Grid workspaces={shown} />
      )}
      <LoadMore list={list} />
    </>
  );
}

function Grid({ workspaces }: { workspaces: Workspace[] }) {
  return (
    <div className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,18rem),1fr))] items-start gap-3">
      {workspaces.map((workspace) => (
        <WorkspaceCard key={workspace.id} workspace={workspace} />
      ))}
    </div>
  );
}

function CardSkeletons() {
  const { t } = useTranslation("workspaces");
  return (
    <div
      role="status"
      aria-label={t("loading")}
      className="grid grid-cols-[repeat(auto-fill,minmax(min(100%,18rem),1fr))] gap-3"
    >
      {Array.from({ length: 6 }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders without identity.
        <div key={index} className="flex h-[136px] flex-col gap-3 rounded-md border p-3">
          <div className="skeleton h-5 w-2/5" />
          <div className="skeleton h-4 w-4/5" />
          <div className="skeleton h-4 w-3/5" />
        </div>
      ))}
    </div>
  );
}
