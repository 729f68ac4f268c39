import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { $agentApi } from "@/api/agent";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";

interface StartDialogProps {
  node: string;
  onStarted: () => void;
  onClose: () => void;
}

/** The API's names of fields, where the form has others. */
const FIELDS = { cwd: "folder" } as const;

/** Asks for a command to run on the machine, by its shell. */
export function StartDialog({ node, onStarted, onClose }: StartDialogProps) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const form = useForm({ defaultValues: { command: "", folder: "" } });
  const { errors } = form.formState;
  const start = $agentApi.useMutation("post", "/api/v1/workspaces/{workspace}/processes", {
    onSuccess: () => {
      onStarted();
      onClose();
    },
    onError: (error: unknown) => setServerError(form, error, errorText, FIELDS),
  });
  const submit = form.handleSubmit(({ command, folder }) => {
    const params = { path: { workspace: node } };
    const cwd = folder.trim() === "" ? {} : { cwd: folder.trim() };
    start.mutate({ params, body: { command: ["/bin/sh", "-c", command], stdin: false, ...cwd } });
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("processes.start")}
      description={t("processes.startDetail")}
    >
      <form noValidate onSubmit={submit}>
        <DialogBody className="flex flex-col gap-4">
          <Field label={t("processes.command")} error={errors.command?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("command", {
                  validate: (command) => command.trim() !== "" || t("processes.commandMissing"),
                })}
                dir="ltr"
                className="font-mono"
                autoComplete="off"
                spellCheck={false}
              />
            )}
          </Field>
          <Field
            label={t("processes.folder")}
            hint={t("processes.folderHint")}
            error={errors.folder?.message}
          >
            {(control) => (
              <Input
                {...control}
                {...form.register("folder")}
                dir="ltr"
                className="font-mono"
                autoComplete="off"
                spellCheck={false}
              />
            )}
          </Field>
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={start.isPending}>
            {t("processes.startAction")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
