import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import type { Workspace } from "@/api/types";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { applyWorkspace } from "@/lib/event-sync";
import { setServerError } from "@/lib/form-errors";
import { nameSchema } from "./name-schema";

/** Gives a workspace another name. */
export function RenameDialog({
  workspace,
  onClose,
}: {
  workspace: Workspace;
  onClose: () => void;
}) {
  const { t } = useTranslation("workspaces");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const form = useForm({
    resolver: zodResolver(z.object({ name: nameSchema(t) })),
    defaultValues: { name: workspace.name },
  });
  const { errors } = form.formState;
  const update = $api.useMutation("patch", "/api/v1/workspaces/{workspace}", {
    onSuccess: (changed) => {
      applyWorkspace(queryClient, changed);
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText),
  });
  const submit = form.handleSubmit((body) =>
    update.mutate({ params: { path: { workspace: workspace.id } }, body }),
  );
  return (
    <Dialog open onOpenChange={onClose} title={t("rename.title", { name: workspace.name })}>
      <form noValidate onSubmit={submit}>
        <DialogBody className="flex flex-col gap-3">
          <Field label={t("field.name")} error={errors.name?.message}>
            {(control) => <Input {...control} {...form.register("name")} dir="auto" autoFocus />}
          </Field>
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={update.isPending}>
            {t("action.rename", { ns: "common" })}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
