/** Changes that were put aside. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import type { GitDialogProps } from "./git-dialogs";

export function StashDialog({ workspace, status, session, actions }: GitDialogProps) {
  const { t } = useTranslation("git");
  const [message, setMessage] = useState("");
  const [untracked, setUntracked] = useState(true);
  const stashes = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/stashes", {
    params: { path: { workspace }, query: { path: status.root } },
  });
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={t("stash.title")}
      description={t("stash.hint")}
      className="sm:max-w-xl"
    >
      <form
        className="flex flex-wrap items-center gap-2 border-b p-3"
        onSubmit={(event) => {
          event.preventDefault();
          void actions.stash(message, untracked).then((done) => done && setMessage(""));
        }}
      >
        <Input
          aria-label={t("stash.message")}
          placeholder={t("stash.message")}
          className="min-w-40 flex-1"
          value={message}
          onChange={(event) => setMessage(event.target.value)}
        />
        <label className="flex items-center gap-1 text-ink-2 text-xs">
          <input
            type="checkbox"
            checked={untracked}
            onChange={(event) => setUntracked(event.target.checked)}
          />
          {t("stash.untracked")}
        </label>
        <Button
          type="submit"
          variant="primary"
          disabledReason={status.files.length === 0 ? t("changes.none") : undefined}
        >
          {t("stash.push")}
        </Button>
      </form>
      <DialogBody className="flex flex-col gap-2">
        {stashes.data?.items.length === 0 ? <p className="text-ink-3">{t("stash.none")}</p> : null}
        {stashes.data?.items.map(({ index, id, at, message: title }) => (
          <div key={id} className="flex flex-wrap items-center gap-1.5">
            <span className="min-w-40 flex-1">
              <bdi>{title}</bdi>{" "}
              <span className="text-ink-3 text-xs">
                <TimeAgo at={at} />
              </span>
            </span>
            <Button size="sm" onClick={() => void actions.takeStash("pop", index, id)}>
              {t("stash.pop")}
            </Button>
            <Button size="sm" onClick={() => void actions.takeStash("apply", index, id)}>
              {t("stash.apply")}
            </Button>
            <Button
              size="sm"
              variant="ghost"
              onClick={() => void actions.takeStash("drop", index, id)}
            >
              {t("stash.drop")}
            </Button>
          </div>
        ))}
      </DialogBody>
    </Dialog>
  );
}
