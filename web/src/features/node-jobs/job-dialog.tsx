import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { FormProvider, useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import type { Schedule } from "@/api/types";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { jobNews } from "@/lib/job-sync";
import { ownTimeZone } from "./cron-text";
import { emptyForm, formOf, type JobForm, jobOf, scheduleOf } from "./job-form";
import { OptionFields } from "./option-fields";
import { ScheduleFields } from "./schedule-fields";
import { TargetFields } from "./target-fields";

interface JobDialogProps {
  organization: string;
  /** It is to run again and again. */
  scheduled: boolean;
  /** The schedule that is to change, instead of a new one. */
  schedule?: Schedule;
  /** The server that is chosen to begin with. */
  nodeId?: string;
  onClose: () => void;
}

/** The server's names of fields, where the form has others. */
const FIELDS = {
  time_zone: "timeZone",
  job: "nodes",
  timeout_ms: "timeout",
  ttl_ms: "ttl",
} as const;

/** Asks for a command on servers, now or by a schedule. */
export function JobDialog(props: JobDialogProps) {
  const { organization, scheduled, schedule: known, nodeId, onClose } = props;
  const { t } = useTranslation("jobs");
  const navigate = useNavigate();
  const client = useQueryClient();
  const errorText = useErrorText();
  const form = useForm<JobForm>({
    defaultValues: known
      ? formOf(known)
      : { ...emptyForm(ownTimeZone()), nodes: nodeId === undefined ? [] : [nodeId] },
  });
  const { errors } = form.formState;
  const refused = (error: unknown) => setServerError(form, error, errorText, FIELDS);
  const saved = () => {
    jobNews(client).schedule();
    onClose();
  };
  const job = $api.useMutation("post", "/api/v1/organizations/{organization}/node-jobs", {
    onError: refused,
    onSuccess: (made) => void navigate({ to: "/jobs/$jobId", params: { jobId: made.id } }),
  });
  const schedule = $api.useMutation("post", "/api/v1/organizations/{organization}/schedules", {
    onError: refused,
    onSuccess: saved,
  });
  const update = $api.useMutation("patch", "/api/v1/schedules/{schedule}", {
    onError: refused,
    onSuccess: saved,
  });
  const params = { path: { organization } };
  const submit = form.handleSubmit((values) => {
    if (known) {
      update.mutate({
        params: { path: { schedule: known.id } },
        body: { ...scheduleOf(values), keep_env: true },
      });
    } else if (scheduled) schedule.mutate({ params, body: scheduleOf(values) });
    else job.mutate({ params, body: jobOf(values) });
  });
  const pending = job.isPending || schedule.isPending || update.isPending;
  const title = known ? t("schedule.editOf", { name: known.name }) : undefined;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={title ?? t(scheduled ? "add.schedule" : "add.job")}
      description={t(scheduled ? "add.scheduleDetail" : "add.jobDetail")}
      className="sm:max-w-2xl"
    >
      <FormProvider {...form}>
        <form noValidate onSubmit={submit} className="flex min-h-0 flex-1 flex-col">
          <DialogBody className="flex flex-col gap-4">
            {scheduled ? <ScheduleFields /> : null}
            <Field
              label={t("field.command")}
              error={errors.command?.message}
              hint={t("field.commandHint")}
            >
              {(control) => (
                <textarea
                  {...control}
                  {...form.register("command", {
                    validate: (text) => text.trim() !== "" || t("field.commandMissing"),
                  })}
                  dir="ltr"
                  rows={4}
                  spellCheck={false}
                  className="w-full resize-y rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-ink text-sm aria-invalid:border-bad"
                />
              )}
            </Field>
            <TargetFields organization={organization} />
            <OptionFields scheduled={scheduled} />
            <FormError message={errors.root?.message} />
          </DialogBody>
          <DialogFooter>
            <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
            <Button type="submit" variant="primary" pending={pending}>
              {t(scheduled ? "add.save" : "add.run")}
            </Button>
          </DialogFooter>
        </form>
      </FormProvider>
    </Dialog>
  );
}
