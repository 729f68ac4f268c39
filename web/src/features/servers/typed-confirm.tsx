import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";

interface TypedConfirmProps {
  title: string;
  description: string;
  /** What has to be typed. */
  name: string;
  action: string;
  pending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks for the name of what will be gone, so that the right one goes. */
export function TypedConfirm(props: TypedConfirmProps) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const [typed, setTyped] = useState("");
  const matches = typed.trim() === props.name;
  return (
    <Dialog open onOpenChange={props.onClose} title={props.title} description={props.description}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (matches && !props.pending) props.onConfirm();
        }}
      >
        <DialogBody className="flex flex-col gap-3">
          <Field label={t("confirm.type", { name: props.name })}>
            {(control) => (
              <Input
                {...control}
                value={typed}
                dir="auto"
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => setTyped(event.target.value)}
              />
            )}
          </Field>
          <FormError message={props.error ? errorText(props.error) : undefined} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={props.onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button
            type="submit"
            variant="danger"
            pending={props.pending}
            disabledReason={matches ? undefined : t("confirm.type", { name: props.name })}
          >
            {props.action}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
