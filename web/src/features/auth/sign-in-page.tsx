import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { PasswordInput } from "@/components/ui/password-input";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { accountView } from "@/lib/session";
import { AuthLayout } from "./auth-layout";
import { nextPath } from "./next-path";
import { useCountdown } from "./use-countdown";

/** E-mail and password. */
export function SignInPage() {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const router = useRouter();
  const { next } = useSearch({ from: "/sign-in" });
  const [wait, startWait] = useCountdown();
  const schema = z.object({
    email: z.string().check(z.trim(), z.minLength(1, t("field.emailMissing"))),
    password: z.string().check(z.minLength(1, t("field.passwordMissing"))),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { email: "", password: "" },
  });
  const { errors } = form.formState;
  const signIn = $api.useMutation("post", "/api/v1/session", {
    onSuccess: async (account) => {
      queryClient.clear();
      queryClient.setQueryData(accountView().queryKey, account);
      const to = nextPath(next);
      // Not a page of the interface: the server leads on from there, to an application.
      if (to.startsWith("/.atelier/")) window.location.assign(to);
      else await router.navigate({ href: to });
    },
    onError: (error: unknown) => {
      if (error instanceof ApiError && error.code === "rate_limited") {
        startWait(error.retryAfterS ?? 0);
      }
      form.setValue("password", "");
      setServerError(form, error, errorText);
      form.setFocus("password");
    },
  });
  return (
    <AuthLayout title={t("signIn.title")}>
      <form
        noValidate
        className="flex flex-col gap-4"
        onSubmit={form.handleSubmit((body) => signIn.mutate({ body }))}
      >
        <Field label={t("field.email")} error={errors.email?.message}>
          {(control) => (
            <Input
              {...control}
              {...form.register("email")}
              type="email"
              dir="ltr"
              autoComplete="username"
              autoFocus
            />
          )}
        </Field>
        <Field label={t("field.password")} error={errors.password?.message}>
          {(control) => (
            <PasswordInput
              {...control}
              {...form.register("password")}
              autoComplete="current-password"
            />
          )}
        </Field>
        <FormError message={errors.root?.message} />
        <Button
          type="submit"
          variant="primary"
          pending={signIn.isPending}
          disabledReason={wait > 0 ? t("signIn.wait", { count: wait }) : undefined}
        >
          {wait > 0 ? t("signIn.wait", { count: wait }) : t("signIn.action")}
        </Button>
      </form>
    </AuthLayout>
  );
}
