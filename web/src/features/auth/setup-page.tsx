import { zodResolver } from "@hookform/resolvers/zod";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { ErrorState } from "@/components/error-state";
import { FormError } from "@/components/form-error";
import { Button, buttonClass } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { PasswordInput } from "@/components/ui/password-input";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { PASSWORD_MAX, PASSWORD_MIN } from "@/lib/limits";
import { accountView } from "@/lib/session";
import { AuthLayout } from "./auth-layout";
import { setupToken } from "./setup-token";

/** The token of the link, taken out of the address so that it stays in no history. */
function useLinkToken(): string {
  const [token] = useState(() => setupToken(location.hash, location.search));
  useEffect(() => {
    if (token) history.replaceState(history.state, "", location.pathname);
  }, [token]);
  return token;
}

/** Creates the first account and names the organization. */
export function SetupPage() {
  const { t } = useTranslation("auth");
  const linkToken = useLinkToken();
  const info = useQuery($api.queryOptions("get", "/api/v1/info"));
  if (info.isError) {
    return (
      <AuthLayout title={t("setup.title")}>
        <ErrorState error={info.error} onRetry={() => info.refetch()} retrying={info.isFetching} />
      </AuthLayout>
    );
  }
  if (info.data?.setup_required === false) {
    return (
      <AuthLayout title={t("setup.doneTitle")} description={t("setup.doneDetail")}>
        <Link to="/sign-in" className={buttonClass({ variant: "primary" })}>
          {t("setup.toSignIn")}
        </Link>
      </AuthLayout>
    );
  }
  return (
    <AuthLayout title={t("setup.title")} description={t("setup.detail")}>
      <SetupForm linkToken={linkToken} />
    </AuthLayout>
  );
}

function SetupForm({ linkToken }: { linkToken: string }) {
  const { t } = useTranslation("auth");
  const errorText = useErrorText();
  const queryClient = useQueryClient();
  const router = useRouter();
  const required = (message: string) => z.string().check(z.trim(), z.minLength(1, message));
  const schema = z.object({
    token: required(t("field.tokenMissing")),
    name: required(t("field.nameMissing")),
    email: required(t("field.emailMissing")),
    password: z
      .string()
      .check(
        z.minLength(PASSWORD_MIN, t("field.passwordShort", { count: PASSWORD_MIN })),
        z.maxLength(PASSWORD_MAX, t("field.passwordLong", { count: PASSWORD_MAX })),
      ),
    organization: z.string().check(z.trim()),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { token: linkToken, name: "", email: "", password: "", organization: "" },
  });
  const { errors } = form.formState;
  const setup = $api.useMutation("post", "/api/v1/setup", {
    onSuccess: async (account) => {
      queryClient.clear();
      queryClient.setQueryData(accountView().queryKey, account);
      await router.navigate({ to: "/" });
    },
    onError: (error: unknown) => {
      // A refused token shows its field, so that another can be pasted.
      const refused = error instanceof ApiError && error.code === "forbidden";
      if (refused) form.setError("token", { type: "server", message: errorText(error) });
      else setServerError(form, error, errorText);
    },
  });
  const text = (name: "name" | "email" | "organization", autoComplete: string, hint?: string) => (
    <Field label={t(`field.${name}`)} error={errors[name]?.message} hint={hint}>
      {(control) => (
        <Input
          {...control}
          {...form.register(name)}
          {...(name === "email" ? { type: "email", dir: "ltr" } : { dir: "auto" })}
          autoComplete={autoComplete}
        />
      )}
    </Field>
  );
  return (
    <form
      noValidate
      className="flex flex-col gap-4"
      onSubmit={form.handleSubmit(({ organization, ...rest }) =>
        setup.mutate({ body: organization ? { ...rest, organization } : rest }),
      )}
    >
      {linkToken && !errors.token ? null : (
        <Field label={t("field.token")} error={errors.token?.message} hint={t("field.tokenHint")}>
          {(control) => (
            <Input
              {...control}
              {...form.register("token")}
              dir="ltr"
              autoComplete="off"
              spellCheck={false}
              className="font-mono"
            />
          )}
        </Field>
      )}
      {text("name", "name")}
      {text("email", "username")}
      <Field
        label={t("field.password")}
        error={errors.password?.message}
        hint={t("field.passwordHint", { count: PASSWORD_MIN })}
      >
        {(control) => (
          <PasswordInput {...control} {...form.register("password")} autoComplete="new-password" />
        )}
      </Field>
      {text("organization", "organization", t("field.organizationHint"))}
      <FormError message={errors.root?.message} />
      <Button type="submit" variant="primary" pending={setup.isPending}>
        {t("setup.action")}
      </Button>
    </form>
  );
}
