import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { PasswordInput } from "@/components/ui/password-input";
import { Select } from "@/components/ui/select";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { NAME_MAX, PASSWORD_MAX, PASSWORD_MIN } from "@/lib/limits";
import { useMembership } from "@/lib/session";
import { grantableRoles, ROLES } from "./permissions";

const LIST_PATH = "/api/v1/organizations/{organization}/members";

/** Adds a person, with a new account and a first password. */
export function MemberCreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("organization");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const { organization_id: organization, role: actor } = useMembership();
  const schema = z.object({
    name: z
      .string()
      .check(
        z.trim(),
        z.minLength(1, t("members.nameMissing")),
        z.maxLength(NAME_MAX, t("members.nameLong", { count: NAME_MAX })),
      ),
    email: z.string().check(z.trim(), z.email(t("members.emailForm"))),
    role: z.enum(ROLES),
    password: z
      .string()
      .check(
        z.minLength(PASSWORD_MIN, t("members.passwordShort", { count: PASSWORD_MIN })),
        z.maxLength(PASSWORD_MAX, t("members.passwordLong", { count: PASSWORD_MAX })),
      ),
  });
  const form = useForm<z.infer<typeof schema>>({
    resolver: zodResolver(schema),
    defaultValues: { name: "", email: "", role: "member", password: "" },
  });
  const { errors } = form.formState;
  const create = $api.useMutation("post", LIST_PATH, {
    onSuccess: (member) => {
      void queryClient.invalidateQueries({ queryKey: ["get", LIST_PATH] });
      toast.success(t("members.added", { name: member.name }));
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText),
  });
  const submit = form.handleSubmit((body) =>
    create.mutate({ params: { path: { organization } }, body }),
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("members.create")}
      description={t("members.createDetail")}
    >
      <form noValidate onSubmit={submit} className="flex min-h-0 flex-col">
        <DialogBody className="flex flex-col gap-3">
          <Field label={t("members.name")} error={errors.name?.message}>
            {(control) => <Input {...control} {...form.register("name")} dir="auto" autoFocus />}
          </Field>
          <Field label={t("members.email")} error={errors.email?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("email")}
                type="email"
                dir="ltr"
                autoComplete="off"
              />
            )}
          </Field>
          <Field label={t("members.role")} error={errors.role?.message}>
            {(control) => (
              <Select {...control} {...form.register("role")} className="w-full">
                {grantableRoles(actor).map((role) => (
                  <option key={role} value={role}>
                    {`${t(`role.${role}`, { ns: "common" })}: ${t(`members.can.${role}`)}`}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field
            label={t("members.password")}
            error={errors.password?.message}
            hint={t("members.passwordHint", { count: PASSWORD_MIN })}
          >
            {(control) => (
              <PasswordInput
                {...control}
                {...form.register("password")}
                autoComplete="new-password"
              />
            )}
          </Field>
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={create.isPending}>
            {t("members.create")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
