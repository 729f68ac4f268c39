/** Asks who to be at a host; what is entered goes with the request, and is kept only if the person says so. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import type { GitDialogProps } from "./git-dialogs";
import type { Asked } from "./session";
import { isStorable } from "./storable";
import type { GitStoredCredential } from "./types";

export function CredentialsDialog(props: GitDialogProps & { asked: Asked }) {
  const { session, actions, asked } = props;
  const { t } = useTranslation("git");
  const [username, setUsername] = useState(asked.username ?? "");
  const [secret, setSecret] = useState("");
  const storable = isStorable(asked.protocol, asked.host);
  const [remember, setRemember] = useState(storable && toReplace(asked.stored));
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ asked: undefined })}
      title={t("credentials.title", { host: asked.host })}
      description={
        remember
          ? t("credentials.hintRemember")
          : asked.protocol === "http"
            ? t("credentials.plain")
            : t("credentials.hint")
      }
    >
      <form
        className="contents"
        onSubmit={(event) => {
          event.preventDefault();
          if (username !== "" && secret !== "") void actions.answer(username, secret, remember);
        }}
      >
        <DialogBody className="flex flex-col gap-3">
          {asked.stored ? (
            <p role="alert" className="text-bad text-sm">
              {t(`credentials.stored.${asked.stored}`)}
            </p>
          ) : asked.refused ? (
            <p role="alert" className="text-bad text-sm">
              {t("credentials.refused")}
            </p>
          ) : null}
          <Field label={t("credentials.username")}>
            {(control) => (
              <Input
                {...control}
                value={username}
                autoComplete="off"
                onChange={(event) => setUsername(event.target.value)}
              />
            )}
          </Field>
          <Field label={t("credentials.secret")}>
            {(control) => (
              <Input
                {...control}
                type="password"
                autoFocus={asked.username != null}
                value={secret}
                autoComplete="off"
                onChange={(event) => setSecret(event.target.value)}
              />
            )}
          </Field>
          {storable ? (
            <label className="flex items-center gap-2 text-ink-2 text-sm">
              <input
                type="checkbox"
                checked={remember}
                onChange={(event) => setRemember(event.target.checked)}
              />
              <span>
                {t("credentials.remember")} <bdi dir="ltr">{asked.host}</bdi>
              </span>
            </label>
          ) : null}
        </DialogBody>
        <DialogFooter>
          <Button
            type="submit"
            variant="primary"
            disabledReason={username === "" || secret === "" ? t("credentials.both") : undefined}
          >
            {t("credentials.go")}
          </Button>
        </DialogFooter>
      </form>
    </Dialog>
  );
}

/** Whether what is entered now is meant to take the place of what is stored. */
function toReplace(stored: GitStoredCredential | undefined): boolean {
  return stored === "refused" || stored === "expired" || stored === "unreadable";
}
