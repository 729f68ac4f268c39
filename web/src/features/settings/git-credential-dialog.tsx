import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import type { GitCredential } from "@/api/types";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { PasswordInput } from "@/components/ui/password-input";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";

interface Props {
  /** Whose secret is replaced; absent to store another one. */
  credential: GitCredential | undefined;
  onClose: () => void;
}

/** Stores who the person is at a Git host. */
export function GitCredentialDialog({ credential, onClose }: Props) {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const schema = z.object({
    url: z.string().check(z.trim(), z.minLength(1, t("gitCredentials.urlMissing"))),
    username: z.string().check(z.minLength(1, t("gitCredentials.usernameMissing"))),
    secret: z.string().check(z.minLength(1, t("gitCredentials.secretMissing"))),
    expires: z.string(),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: {
      url: credential?.url ?? "https://",
      username: credential?.username ?? "",
      secret: "",
      expires: "",
    },
  });
  const { errors } = form.formState;
  const outcome = {
    onSuccess: () => {
      toast.success(t("gitCredentials.saved"));
      void queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/me/git-credentials"] });
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText, { expires_at: "expires" }),
  };
  const create = $api.useMutation("post", "/api/v1/me/git-credentials", outcome);
  const update = $api.useMutation("patch", "/api/v1/me/git-credentials/{git_credential}", outcome);
  const submit = form.handleSubmit(({ url, username, secret, expires }) => {
    // The end of that day, where the person is.
    const until = expires === "" ? {} : { expires_at: new Date(`${expires}T23:59:59`).getTime() };
    if (credential) {
      const params = { path: { git_credential: credential.id } };
      update.mutate({ params, body: { secret, ...until } });
    } else {
      create.mutate({ body: { url, username, secret, ...until } });
    }
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(credential ? "gitCredentials.replaceTitle" : "gitCredentials.add")}
    >
      <form noValidate className="contents" onSubmit={submit}>
        <DialogBody className="flex flex-col gap-3">
          <Field
            label={t("gitCredentials.url")}
            error={errors.url?.message}
            hint={t("gitCredentials.urlHint")}
          >
            {(control) => (
              <Input
                {...control}
                {...form.register("url")}
                readOnly={credential !== undefined}
                type="url"
                dir="ltr"
              />
            )}
          </Field>
          <Field label={t("gitCredentials.username")} error={errors.username?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("username")}
                readOnly={credential !== undefined}
                autoComplete="off"
                dir="ltr"
              />
            )}
          </Field>
          <Field
            label={t("gitCredentials.secret")}
            error={errors.secret?.message}
            hint={t("gitCredentials.secretHint")}
          >
            {(control) => (
              <PasswordInput
                {...control}
                {...form.register("secret")}
                autoComplete="off"
                autoFocus={credential !== undefined}
              />
            )}
          </Field>
          <Field
            label={t("gitCredentials.expires")}
            error={errors.expires?.message}
            hint={t("gitCredentials.expiresHint")}
          >
            {(control) => <Input {...control} {...form.register("expires")} type="date" />}
          </Field>
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={create.isPending || update.isPending}>
            {t("gitCredentials.save")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
