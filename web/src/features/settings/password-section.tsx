import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import { FormError } from "@/components/form-error";
import { Section } from "@/components/page";
import { Button } from "@/components/ui/button";
import { Field } from "@/components/ui/field";
import { PasswordInput } from "@/components/ui/password-input";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { PASSWORD_MAX, PASSWORD_MIN } from "@/lib/limits";
import { useAccount } from "@/lib/session";

/** Changes the password; all other sessions end with it. */
export function PasswordSection() {
  const { t } = useTranslation("settings");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const account = useAccount();
  const schema = z.object({
    current: z.string().check(z.minLength(1, t("password.currentMissing"))),
    new: z
      .string()
      .check(
        z.minLength(PASSWORD_MIN, t("password.short", { count: PASSWORD_MIN })),
        z.maxLength(PASSWORD_MAX, t("password.long", { count: PASSWORD_MAX })),
      ),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { current: "", new: "" },
  });
  const { errors } = form.formState;
  const update = $api.useMutation("put", "/api/v1/me/password", {
    onSuccess: () => {
      form.reset();
      toast.success(t("password.changed"));
      void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/me/sessions"] });
    },
    onError: (error: unknown) => setServerError(form, error, errorText),
  });
  return (
    <Section id="password" title={t("password.title")} description={t("password.detail")}>
      <form
        noValidate
        className="flex max-w-sm flex-col gap-3"
        onSubmit={form.handleSubmit((body) => update.mutate({ body }))}
      >
        {/* Tells password managers whose password this is. */}
        <input type="text" autoComplete="username" value={account.email} readOnly hidden />
        <Field label={t("password.current")} error={errors.current?.message}>
          {(control) => (
            <PasswordInput
              {...control}
              {...form.register("current")}
              autoComplete="current-password"
            />
          )}
        </Field>
        <Field
          label={t("password.new")}
          error={errors.new?.message}
          hint={t("password.hint", { count: PASSWORD_MIN })}
        >
          {(control) => (
            <PasswordInput {...control} {...form.register("new")} autoComplete="new-password" />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <Button type="submit" pending={update.isPending} className="self-start">
          {t("password.action")}
        </Button>
      </form>
    </Section>
  );
}
