import { useFormContext } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Field, Input } from "@/components/ui/field";
import type { JobForm } from "./job-form";

const NUMBERS = ["timeout", "ttl", "concurrency", "retries", "priority"] as const;

/** How it is run: what has a good default is folded away. */
export function OptionFields({ scheduled }: { scheduled: boolean }) {
  const { t } = useTranslation("jobs");
  const form = useFormContext<JobForm>();
  const { errors } = form.formState;
  const wrong = [...NUMBERS, "cwd" as const].some((name) => errors[name]);
  return (
    <details open={wrong || undefined}>
      <summary className="w-fit cursor-default rounded-sm text-ink-2 hover:text-ink">
        {t("field.options")}
      </summary>
      <div className="grid gap-3 pt-3 sm:grid-cols-2">
        {NUMBERS.map((name) => (
          <Field
            key={name}
            label={t(`field.${name}`)}
            error={errors[name]?.message}
            hint={t(`field.${name}Hint`)}
          >
            {(control) => (
              <Input
                {...control}
                {...form.register(name, {
                  validate: (text) => Number.isFinite(Number(text)) || t("field.noNumber"),
                })}
                inputMode="decimal"
                dir="ltr"
                autoComplete="off"
              />
            )}
          </Field>
        ))}
        <Field label={t("field.cwd")} error={errors.cwd?.message} hint={t("field.cwdHint")}>
          {(control) => (
            <Input {...control} {...form.register("cwd")} dir="ltr" autoComplete="off" />
          )}
        </Field>
      </div>
      {scheduled ? (
        <div className="flex flex-col gap-2 pt-3">
          {(["runMissed", "allowOverlap"] as const).map((name) => (
            <label key={name} className="flex items-center gap-2">
              <input type="checkbox" {...form.register(name)} />
              {t(`field.${name}`)}
            </label>
          ))}
        </div>
      ) : null}
    </details>
  );
}
