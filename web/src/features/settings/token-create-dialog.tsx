import { zodResolver } from "@hookform/resolvers/zod";
import { useQueryClient } from "@tanstack/react-query";
import { Copy } from "lucide-react";
import { useForm } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import * as z from "zod/mini";
import { $api } from "@/api/client";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import { setServerError } from "@/lib/form-errors";
import { NAME_MAX, TOKEN_DAYS_MAX } from "@/lib/limits";

const DEFAULT_DAYS = 90;

/** Makes a token, and shows its secret this once. */
export function TokenCreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const schema = z.object({
    name: z
      .string()
      .check(
        z.trim(),
        z.minLength(1, t("name.missing")),
        z.maxLength(NAME_MAX, t("name.long", { count: NAME_MAX })),
      ),
    expires_in_days: z
      .number(t("tokens.daysRange", { count: TOKEN_DAYS_MAX }))
      .check(
        z.int(t("tokens.daysRange", { count: TOKEN_DAYS_MAX })),
        z.minimum(1, t("tokens.daysRange", { count: TOKEN_DAYS_MAX })),
        z.maximum(TOKEN_DAYS_MAX, t("tokens.daysRange", { count: TOKEN_DAYS_MAX })),
      ),
  });
  const form = useForm({
    resolver: zodResolver(schema),
    defaultValues: { name: "", expires_in_days: DEFAULT_DAYS },
  });
  const { errors } = form.formState;
  const create = $api.useMutation("post", "/api/v1/me/tokens", {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["get", "/api/v1/me/tokens"] }),
    onError: (error: unknown) => setServerError(form, error, errorText),
  });
  if (create.data) return <SecretDialog secret={create.data.secret} onClose={onClose} />;
  return (
    <Dialog open onOpenChange={onClose} title={t("tokens.create")}>
      <form noValidate onSubmit={form.handleSubmit((body) => create.mutate({ body }))}>
        <DialogBody className="flex flex-col gap-3">
          <Field label={t("tokens.name")} error={errors.name?.message} hint={t("tokens.nameHint")}>
            {(control) => <Input {...control} {...form.register("name")} dir="auto" autoFocus />}
          </Field>
          <Field label={t("tokens.days")} error={errors.expires_in_days?.message}>
            {(control) => (
              <Input
                {...control}
                {...form.register("expires_in_days", { valueAsNumber: true })}
                type="number"
                min={1}
                max={TOKEN_DAYS_MAX}
              />
            )}
          </Field>
          <FormError message={errors.root?.message} />
        </DialogBody>
        <DialogFooter>
          <Button onClick={onClose}>{t("action.cancel", { ns: "common" })}</Button>
          <Button type="submit" variant="primary" pending={create.isPending}>
            {t("tokens.create")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  const { t } = useTranslation("settings");
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    toast.success(t("action.copied", { ns: "common" }));
  };
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("tokens.secretTitle")}
      description={t("tokens.secretDetail")}
    >
      <DialogBody>
        <div className="flex items-center gap-2">
          <Input
            readOnly
            value={secret}
            aria-label={t("tokens.secret")}
            dir="ltr"
            className="font-mono"
            onFocus={(event) => event.target.select()}
          />
          <IconButton label={t("action.copy", { ns: "common" })} onClick={() => void copy()}>
            <Copy />
          </IconButton>
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onClick={onClose}>
          {t("tokens.secretDone")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
