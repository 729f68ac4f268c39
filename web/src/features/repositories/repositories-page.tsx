import { useNavigate, useSearch } from "@tanstack/react-router";
import { FolderGit2, RefreshCw } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { itemsOf, PAGED } from "@/api/paged";
import type { Repository } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { LoadMore } from "@/components/load-more";
import { Page, RowSkeletons } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useCommands } from "@/lib/commands";
import { roleAtLeast, useMembership } from "@/lib/session";
import { RepositoryTable } from "./repository-table";
import { useRefresh } from "./use-refresh";

const CloneDialog = lazy(async () => ({ default: (await import("./clone-dialog")).CloneDialog }));

/** How long typing rests before it is searched for, in milliseconds. */
const REST_MS = 250;

/** All repositories of the organization's workspaces, as they were last seen. */
export function RepositoriesPage() {
  const { t } = useTranslation("repositories");
  const { role } = useMembership();
  const { organization_id: organization } = useMembership();
  const [cloning, setCloning] = useState<Repository | "new">();
  const refresh = useRefresh(organization);
  const forbidden = roleAtLeast(role, "member") ? undefined : t("forbidden");
  useCommands("repositories", [
    {
      id: "repositories.refresh",
      title: t("refresh.action"),
      disabledReason: forbidden,
      run: refresh.run,
    },
    {
      id: "repositories.clone",
      title: t("clone.action"),
      disabledReason: forbidden,
      run: () => setCloning("new"),
    },
  ]);
  return (
    <Page
      className="max-w-7xl"
      title={t("place.repositories", { ns: "common" })}
      description={t("detail")}
      actions={
        <div className="flex flex-wrap gap-2">
          <Button onClick={refresh.run} pending={refresh.pending} disabledReason={forbidden}>
            <RefreshCw aria-hidden />
            {t("refresh.action")}
          </Button>
          <Button variant="primary" onClick={() => setCloning("new")} disabledReason={forbidden}>
            <FolderGit2 aria-hidden />
            {t("clone.action")}
          </Button>
        </div>
      }
    >
      {forbidden ? (
        <p className="text-ink-2">{forbidden}</p>
      ) : (
        <Registry organization={organization} onClone={setCloning} />
      )}
      <Suspense>
        {cloning === undefined ? null : (
          <CloneDialog
            organization={organization}
            url={cloning === "new" ? "" : (cloning.found.remote ?? "")}
            onClose={() => setCloning(undefined)}
          />
        )}
      </Suspense>
    </Page>
  );
}

function Registry(props: { organization: string; onClone: (from: Repository) => void }) {
  const { organization, onClone } = props;
  const { t } = useTranslation("repositories");
  const { q = "" } = useSearch({ from: "/_app/repositories" });
  const list = $api.useInfiniteQuery(
    "get",
    "/api/v1/organizations/{organization}/repositories",
    { params: { path: { organization }, query: q === "" ? {} : { search: q } } },
    { ...PAGED, placeholderData: (before) => before },
  );
  const items = itemsOf(list.data);
  return (
    <>
      <SearchField q={q} />
      {list.isPending ? <RowSkeletons label={t("loading")} rows={6} /> : null}
      {list.isError ? (
        <ErrorState error={list.error} onRetry={() => list.refetch()} retrying={list.isFetching} />
      ) : null}
      {list.isSuccess && items.length === 0 ? (
        <p className="text-ink-2">{t(q === "" ? "none" : "noneFound", { q })}</p>
      ) : null}
      {items.length > 0 ? (
        <RepositoryTable organization={organization} repositories={items} onClone={onClone} />
      ) : null}
      <LoadMore list={list} />
    </>
  );
}

function SearchField({ q }: { q: string }) {
  const { t } = useTranslation("repositories");
  const navigate = useNavigate({ from: "/repositories" });
  const [text, setText] = useState(q);
  useEffect(() => {
    const rest = setTimeout(
      () => void navigate({ search: text === "" ? {} : { q: text }, replace: true }),
      REST_MS,
    );
    return () => clearTimeout(rest);
  }, [text, navigate]);
  return (
    <Field label={t("search")} className="mb-4 max-w-sm">
      {(control) => (
        <Input
          {...control}
          type="search"
          value={text}
          dir="auto"
          onChange={(event) => setText(event.target.value)}
        />
      )}
    </Field>
  );
}
