import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import type { Node } from "@/api/types";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { applyNode } from "@/lib/node-sync";
import { labelsText, parseLabels } from "./labels";
import { LabelsInput } from "./labels-input";

/** Changes a server's name and labels. */
export function EditDialog({ node, onClose }: { node: Node; onClose: () => void }) {
  const { t } = useTranslation("servers");
  const client = useQueryClient();
  const errorText = useErrorText();
  const form = useForm({ defaultValues: { name: node.name, labels: labelsText(node.labels) } });
  const { errors } = form.formState;
  const update = $api.useMutation("patch", "/api/v1/nodes/{node}", {
    onSuccess: (answer) => {
      applyNode(client, answer);
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText),
  });
  const submit = form.handleSubmit((values) => {
    const parsed = parseLabels(values.labels);
    if ("wrong" in parsed) return;
    const params = { path: { node: node.id } };
    update.mutate({ params, body: { name: values.name.trim(), labels: parsed.labels } });
  });
  return (
    <Dialog open onOpenChange={onClose} title={t("edit.title", { name: node.name })}>
      <form noValidate onSubmit={submit}>
        <DialogBody className="flex flex-col gap-4">
          <Field label={t("field.name")} error={errors.name?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("name", {
                  validate: (name) => name.trim() !== "" || t("field.nameMissing"),
                })}
                dir="auto"
                autoComplete="off"
              />
            )}
          </Field>
          <LabelsInput field={form.register} error={errors.labels?.message} />
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={update.isPending}>
            {t("action.save", { ns: "common" })}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
