import { useState } from "react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import type { Node, NodeTokenCreated } from "@/api/types";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { useMembership } from "@/lib/session";
import { JoinPanel } from "./join-panel";
import { parseLabels } from "./labels";
import { LabelsInput } from "./labels-input";
import { useTokenCreate } from "./use-tokens";

interface AddDialogProps {
  /** The server that shall join again with a new key, instead of a new one. */
  rejoin?: Node;
  /** A command made before, shown again. */
  created?: NodeTokenCreated;
  onClose: () => void;
}

/** Makes a join token, shows the one command, and waits until the server is there. */
export function AddDialog({ rejoin, created, onClose }: AddDialogProps) {
  const { t } = useTranslation("servers");
  const { organization_id: chosen } = useMembership();
  const organization = rejoin?.organization_id ?? chosen;
  const [shown, setShown] = useState(created);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={rejoin ? t("rejoin.title", { name: rejoin.name }) : t("add.title")}
      description={shown ? t("join.detail") : t(rejoin ? "rejoin.detail" : "add.detail")}
      className="sm:max-w-2xl"
    >
      {shown ? (
        <JoinPanel
          organization={organization}
          created={shown}
          onAgain={() => setShown(undefined)}
          onClose={onClose}
        />
      ) : (
        <TokenForm
          organization={organization}
          rejoin={rejoin}
          onCreated={setShown}
          onClose={onClose}
        />
      )}
    </Dialog>
  );
}

interface TokenFormProps {
  organization: string;
  rejoin: Node | undefined;
  onCreated: (created: NodeTokenCreated) => void;
  onClose: () => void;
}

function TokenForm({ organization, rejoin, onCreated, onClose }: TokenFormProps) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const form = useForm({ defaultValues: { name: "", labels: "" } });
  const { errors } = form.formState;
  const create = useTokenCreate((error) => setServerError(form, error, errorText));
  const submit = form.handleSubmit(({ name, labels }) => {
    const parsed = parseLabels(labels);
    if ("wrong" in parsed) return;
    const named = name.trim() === "" ? {} : { name: name.trim() };
    const body = rejoin ? { node_id: rejoin.id } : { ...named, labels: parsed.labels };
    create.mutate({ params: { path: { organization } }, body }, { onSuccess: onCreated });
  });
  return (
    <form noValidate onSubmit={submit} className="flex min-h-0 flex-1 flex-col">
      <DialogBody className="flex flex-col gap-4">
        {rejoin ? (
          <p className="text-ink-2">{t("rejoin.effect")}</p>
        ) : (
          <>
            <Field label={t("field.name")} error={errors.name?.message} hint={t("field.nameHint")}>
              {(control) => (
                <Input {...control} {...form.register("name")} dir="auto" autoComplete="off" />
              )}
            </Field>
            <LabelsInput field={form.register} error={errors.labels?.message} />
          </>
        )}
        <FormError message={errors.root?.message} />
      </DialogBody>
      <DialogFooter>
        <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
        <Button type="submit" variant="primary" pending={create.isPending}>
          {t("add.action")}
        </Button>
      </DialogFooter>
    </form>
  );
}
