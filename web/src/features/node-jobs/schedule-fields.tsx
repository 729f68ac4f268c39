import { useDeferredValue } from "react";
import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Field, Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { useErrorText } from "@/lib/error-text";
import { timeZones, useCronText } from "./cron-text";
import type { JobForm } from "./job-form";
import { NextRuns } from "./next-runs";
import { usePreview } from "./queries";

/** When it runs, said back in words and as the next times. */
export function ScheduleFields() {
  const { t } = useTranslation("jobs");
  const form = useFormContext<JobForm>();
  const { errors } = form.formState;
  return (
    <>
      <Field label={t("field.name")} error={errors.name?.message}>
        {(control) => (
          <Input
            {...control}
            {...form.register("name", {
              validate: (text) => text.trim() !== "" || t("field.nameMissing"),
            })}
            dir="auto"
            autoComplete="off"
          />
        )}
      </Field>
      <div className="grid gap-3 sm:grid-cols-2">
        <Field label={t("field.cron")} error={errors.cron?.message} hint={t("field.cronHint")}>
          {(control) => (
            <Input
              {...control}
              {...form.register("cron")}
              dir="ltr"
              spellCheck={false}
              autoComplete="off"
              className="font-mono"
            />
          )}
        </Field>
        <Field label={t("field.timeZone")} error={errors.timeZone?.message}>
          {(control) => (
            <Select {...control} {...form.register("timeZone")}>
              {timeZones().map((zone) => (
                <option key={zone} value={zone}>
                  {zone}
                </option>
              ))}
            </Select>
          )}
        </Field>
      </div>
      <Meaning />
    </>
  );
}

function Meaning() {
  const form = useFormContext<JobForm>();
  const errorText = useErrorText();
  const cron = useDeferredValue(form.watch("cron").trim());
  const timeZone = form.watch("timeZone");
  const words = useCronText(cron);
  const preview = usePreview(cron, timeZone);
  return (
    <div aria-live="polite" className="-mt-2">
      {preview.isError ? (
        <p className="text-warn text-xs">
          <bdi>{errorText(preview.error)}</bdi>
        </p>
      ) : (
        <>
          {words ? <p className="font-medium">{words}</p> : null}
          <NextRuns times={preview.data?.next_runs ?? []} timeZone={timeZone} />
        </>
      )}
    </div>
  );
}
