import { zodResolver } from "@hookform/resolvers/zod";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import * as z from "zod/mini";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { NAME_MAX } from "@/lib/limits";

interface NameFormProps {
  label: string;
  value: string;
  disabledReason?: string | undefined;
  /** Resolves when the server has taken it. */
  save: (name: string) => Promise<unknown>;
}

/** One name with its own "Save". */
export function NameForm({ label, value, disabledReason, save }: NameFormProps) {
  const { t } = useTranslation("settings");
  const errorText = useErrorText();
  const schema = z.object({
    name: z
      .string()
      .check(
        z.trim(),
        z.minLength(1, t("name.missing")),
        z.maxLength(NAME_MAX, t("name.long", { count: NAME_MAX })),
      ),
  });
  const form = useForm({ resolver: zodResolver(schema), values: { name: value } });
  const { errors, isSubmitting, isDirty } = form.formState;
  const submit = form.handleSubmit(async ({ name }) => {
    try {
      await save(name);
      toast.success(t("action.saved", { ns: "common" }));
    } catch (error) {
      setServerError(form, error, errorText);
    }
  });
  const unchanged = isDirty ? undefined : t("name.unchanged");
  return (
    <form noValidate onSubmit={submit} className="flex max-w-sm flex-col items-start gap-3">
      <Field label={label} error={errors.name?.message} className="w-full">
        {(control) => (
          <Input
            {...control}
            {...form.register("name")}
            dir="auto"
            readOnly={disabledReason !== undefined}
          />
        )}
      </Field>
      <FormError message={errors.root?.message} />
      {disabledReason ? <p className="text-ink-3 text-xs">{disabledReason}</p> : null}
      <Button type="submit" pending={isSubmitting} disabledReason={disabledReason ?? unchanged}>
        {t("action.save", { ns: "common" })}
      </Button>
    </form>
  );
}
