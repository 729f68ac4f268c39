/** In whose name commits are written. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { useAccount } from "@/lib/session";
import type { GitDialogProps } from "./git-dialogs";

export function IdentityDialog({ workspace, status, session, actions }: GitDialogProps) {
  const { t } = useTranslation("git");
  const account = useAccount();
  const identity = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/identity", {
    params: { path: { workspace }, query: { path: status.root } },
  });
  const [scope, setScope] = useState<"local" | "global">("global");
  const [typed, setTyped] = useState<{ name?: string; email?: string }>({});
  const set = identity.data?.[scope];
  const name = typed.name ?? (set?.name || account?.name || "");
  const email = typed.email ?? (set?.email || account?.email || "");
  const close = () => session.setState({ view: undefined });
  return (
    <Dialog open onOpenChange={close} title={t("identity.title")} description={t("identity.hint")}>
      <form
        className="contents"
        onSubmit={(event) => {
          event.preventDefault();
          void actions.setIdentity(scope, name, email).then((done) => done && close());
        }}
      >
        <DialogBody className="flex flex-col gap-3">
          <Field label={t("identity.name")}>
            {(control) => (
              <Input
                {...control}
                value={name}
                onChange={(event) => setTyped({ ...typed, name: event.target.value })}
              />
            )}
          </Field>
          <Field label={t("identity.email")}>
            {(control) => (
              <Input
                {...control}
                value={email}
                onChange={(event) => setTyped({ ...typed, email: event.target.value })}
              />
            )}
          </Field>
          <Field label={t("identity.scope")}>
            {(control) => (
              <Select
                {...control}
                value={scope}
                onChange={(event) => setScope(event.target.value as "local" | "global")}
              >
                <option value="global">{t("identity.global")}</option>
                <option value="local">{t("identity.local")}</option>
              </Select>
            )}
          </Field>
        </DialogBody>
        <DialogFooter>
          <Button type="submit" variant="primary">
            {t("identity.save")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}
