import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, X } from "lucide-react";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Page } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Select } from "@/components/ui/select";
import { useCommands } from "@/lib/commands";
import { roleAtLeast, useMembership } from "@/lib/session";
import { JobList } from "./job-list";
import { useJobs } from "./queries";
import { ScheduleList } from "./schedule-list";
import { JOB_GROUPS, JOB_TABS, type JobsSearch } from "./search";

const JobDialog = lazy(async () => ({ default: (await import("./job-dialog")).JobDialog }));

/** Commands on servers: what was run, what waits, and what runs again and again. */
export function JobsPage() {
  const { t } = useTranslation("jobs");
  const search = useSearch({ from: "/_app/jobs/" });
  const navigate = useNavigate({ from: "/jobs/" });
  const { organization_id: organization, role } = useMembership();
  const forbidden = roleAtLeast(role, "admin") ? undefined : t("forbidden");
  const edit = (change: Partial<JobsSearch>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const add = () => edit({ add: true });
  const addTo = (tab: JobsSearch["tab"]) => () => edit({ tab, add: true });
  const schedules = search.tab === "schedules";
  useCommands("jobs", [
    {
      id: "job.add",
      title: t("add.job"),
      disabledReason: forbidden,
      run: addTo(undefined),
    },
    {
      id: "schedule.add",
      title: t("add.schedule"),
      disabledReason: forbidden,
      run: addTo("schedules"),
    },
  ]);
  return (
    <Page
      title={t("place.jobs", { ns: "common" })}
      description={t("detail")}
      actions={
        <Button variant="primary" onClick={add} disabledReason={forbidden}>
          <Plus aria-hidden />
          {t(schedules ? "add.schedule" : "add.job")}
        </Button>
      }
    >
      {forbidden ? (
        <p className="text-ink-2">{forbidden}</p>
      ) : (
        <>
          <Tabs />
          {schedules ? (
            <ScheduleList organization={organization} onAdd={add} />
          ) : (
            <Jobs organization={organization} search={search} edit={edit} />
          )}
        </>
      )}
      <Suspense>
        {search.add && !forbidden ? (
          <JobDialog
            organization={organization}
            scheduled={schedules}
            onClose={() => edit({ add: undefined })}
          />
        ) : null}
      </Suspense>
    </Page>
  );
}

function Tabs() {
  const { t } = useTranslation("jobs");
  return (
    <nav aria-label={t("tabs.label")} className="mb-4 flex gap-4 border-b">
      {JOB_TABS.map((tab) => (
        <Link
          key={tab}
          to="/jobs"
          search={{ tab: tab === "schedules" ? tab : undefined }}
          // Whatever else is in the address, a dialog or a filter.
          activeOptions={{ includeSearch: true, explicitUndefined: true }}
          className="-mb-px border-transparent border-b-2 py-2 text-ink-2 hover:text-ink aria-[current]:border-accent aria-[current]:font-medium aria-[current]:text-ink"
        >
          {t(`tabs.${tab}`)}
        </Link>
      ))}
    </nav>
  );
}

interface JobsProps {
  organization: string;
  search: JobsSearch;
  edit: (change: Partial<JobsSearch>) => void;
}

function Jobs({ organization, search, edit }: JobsProps) {
  const { t } = useTranslation("jobs");
  const { state, schedule } = search;
  const list = useJobs(organization, {
    ...(state ? { state } : {}),
    ...(schedule ? { schedule } : {}),
  });
  return (
    <>
      <search className="mb-3 flex flex-wrap items-center gap-2">
        <Select
          aria-label={t("filter.state")}
          value={state ?? ""}
          onChange={(event) =>
            edit({ state: JOB_GROUPS.find((group) => group === event.target.value) })
          }
        >
          <option value="">{t("filter.all")}</option>
          {JOB_GROUPS.map((group) => (
            <option key={group} value={group}>
              {t(`filter.${group}`)}
            </option>
          ))}
        </Select>
        {schedule ? (
          <Button size="sm" onClick={() => edit({ schedule: undefined })}>
            {t("filter.ofSchedule")}
            <X aria-hidden />
          </Button>
        ) : null}
      </search>
      <JobList list={list} none={t(state || schedule ? "filter.none" : "none")} />
    </>
  );
}
