/** Makes an SSH key in the workspace. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { FormError } from "@/components/form-error";
import { Button } from "@/components/ui/button";
import { Field, Input } from "@/components/ui/field";
import { useErrorText } from "@/lib/error-text";
import { useAccount } from "@/lib/session";

/** The one that `ssh` finds by itself, in a terminal, too. */
const FIRST = "id_ed25519";

interface KeyFormProps {
  workspace: string;
  /** The names that are there. */
  taken: readonly string[];
  onMade: () => Promise<void>;
}

export function KeyForm({ workspace, taken, onMade }: KeyFormProps) {
  const { t } = useTranslation("ssh");
  const account = useAccount();
  const errorText = useErrorText();
  const [typed, setTyped] = useState<{ name?: string; comment?: string }>({});
  const name = (typed.name ?? (taken.includes(FIRST) ? "" : FIRST)).trim();
  const comment = typed.comment ?? account?.email ?? "";
  const make = $api.useMutation("post", "/api/v1/workspaces/{workspace}/git/ssh/keys/create", {
    onSuccess: async (made) => {
      toast.success(t("make.done", { name: made.name }));
      setTyped({});
      await onMade();
    },
  });
  const missing =
    name === "" ? t("make.nameFirst") : taken.includes(name) ? t("make.taken") : undefined;
  return (
    <form
      className="flex flex-col gap-2 border-t pt-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (missing === undefined && !make.isPending) {
          make.mutate({ params: { path: { workspace } }, body: { name, comment } });
        }
      }}
    >
      <div className="flex flex-wrap items-end gap-2">
        <Field label={t("make.name")} className="min-w-32 flex-1">
          {(control) => (
            <Input
              {...control}
              dir="ltr"
              value={typed.name ?? name}
              autoComplete="off"
              onChange={(event) => setTyped({ ...typed, name: event.target.value })}
            />
          )}
        </Field>
        <Field label={t("make.comment")} className="min-w-32 flex-1">
          {(control) => (
            <Input
              {...control}
              dir="auto"
              value={comment}
              autoComplete="off"
              onChange={(event) => setTyped({ ...typed, comment: event.target.value })}
            />
          )}
        </Field>
        <Button type="submit" pending={make.isPending} disabledReason={missing}>
          {t("make.make")}
        </Button>
      </div>
      <p className="text-ink-3 text-xs">{t("make.hint")}</p>
      <FormError message={make.isError ? errorText(make.error) : undefined} />
    </form>
  );
}
