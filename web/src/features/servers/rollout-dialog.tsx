import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { applyRollouts } from "@/lib/event-sync";
import { setServerError } from "@/lib/form-errors";
import { parseLabels } from "./labels";

interface RolloutDialogProps {
  organization: string;
  /** The label that the list is narrowed by: only those are updated then. */
  label: string | undefined;
  onClose: () => void;
}

const NUMBERS = ["canary", "batch", "pause_s"] as const;

/** Starts an update of servers to the control plane's program. */
export function RolloutDialog({ organization, label, onClose }: RolloutDialogProps) {
  const { t } = useTranslation("servers");
  const client = useQueryClient();
  const errorText = useErrorText();
  const form = useForm({ defaultValues: { canary: 1, batch: 10, pause_s: 0 } });
  const { errors } = form.formState;
  const start = $api.useMutation("post", "/api/v1/organizations/{organization}/node-rollouts", {
    onSuccess: () => {
      applyRollouts(client);
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText),
  });
  const labels = label ? parseLabels(label) : undefined;
  const which = labels && "labels" in labels ? { labels: labels.labels } : { all: true };
  const submit = form.handleSubmit((numbers) =>
    start.mutate({ params: { path: { organization } }, body: { ...which, ...numbers } }),
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={label ? t("rollout.startLabel", { label }) : t("rollout.startAll")}
      description={t("rollout.detail")}
    >
      <form noValidate onSubmit={submit}>
        <DialogBody className="grid gap-4 sm:grid-cols-3">
          {NUMBERS.map((name) => (
            <Field
              key={name}
              label={t(`rollout.${name}`)}
              hint={t(`rollout.${name}Hint`)}
              error={errors[name]?.message}
            >
              {(control) => (
                <Input
                  {...control}
                  {...form.register(name, { valueAsNumber: true })}
                  type="number"
                  min={0}
                />
              )}
            </Field>
          ))}
          <div className="sm:col-span-3">
            <FormError message={errors.root?.message} />
          </div>
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={start.isPending}>
            {t("rollout.start")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
