/** Repositories elsewhere: added, renamed, given another address, removed. */
import { Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import type { GitDialogProps } from "./git-dialogs";
import type { GitRemote } from "./types";

export function RemotesDialog({ workspace, status, session, actions }: GitDialogProps) {
  const { t } = useTranslation("git");
  const [editing, setEditing] = useState<GitRemote>();
  const [removing, setRemoving] = useState<GitRemote>();
  const remotes = $api.useQuery("get", "/api/v1/workspaces/{workspace}/git/remotes", {
    params: { path: { workspace }, query: { path: status.root } },
  });
  const save = (name: string, url: string) => {
    if (!editing) return actions.addRemote(name, url);
    return actions.updateRemote(editing.name, {
      ...(name === editing.name ? {} : { new_name: name }),
      ...(url === editing.url ? {} : { url }),
    });
  };
  return (
    <Dialog
      open
      onOpenChange={() => session.setState({ view: undefined })}
      title={t("remotes.title")}
      description={t("remotes.hint")}
      className="sm:max-w-xl"
    >
      <RemoteForm
        key={editing?.name ?? ""}
        remote={editing}
        onSave={async (name, url) => {
          const done = await save(name, url);
          if (done) setEditing(undefined);
          return done !== undefined;
        }}
        onCancel={() => setEditing(undefined)}
      />
      <DialogBody className="flex min-h-32 flex-col gap-2">
        {remotes.isError ? (
          <ErrorState error={remotes.error} onRetry={() => void remotes.refetch()} />
        ) : null}
        {remotes.isPending ? <div aria-hidden className="skeleton h-3 w-1/3" /> : null}
        {remotes.data?.items.length === 0 ? (
          <p className="text-ink-3">{t("remotes.none")}</p>
        ) : null}
        <ul aria-label={t("remotes.title")} className="flex flex-col gap-2">
          {remotes.data?.items.map((remote) => (
            <li key={remote.name} className="flex items-center gap-1">
              <span className="min-w-0 flex-1">
                <bdi className="block font-medium">{remote.name}</bdi>
                <bdi dir="ltr" className="block truncate text-ink-3 text-xs" title={remote.url}>
                  {remote.url}
                </bdi>
                {remote.push_url === remote.url ? null : (
                  <bdi className="block truncate text-ink-3 text-xs">
                    {t("remotes.pushedTo", { url: remote.push_url })}
                  </bdi>
                )}
              </span>
              <IconButton
                label={t("remotes.edit", { name: remote.name })}
                onClick={() => setEditing(remote)}
              >
                <Pencil />
              </IconButton>
              <IconButton
                label={t("remotes.remove", { name: remote.name })}
                onClick={() => setRemoving(remote)}
              >
                <Trash2 />
              </IconButton>
            </li>
          ))}
        </ul>
      </DialogBody>
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={t("remotes.remove", { name: removing?.name ?? "" })}
        description={t("remotes.removeHint")}
        action={t("remotes.removeAction")}
        pending={false}
        onConfirm={() => {
          if (removing) void actions.removeRemote(removing.name);
          setRemoving(undefined);
          setEditing(undefined);
        }}
      />
    </Dialog>
  );
}

interface RemoteFormProps {
  remote: GitRemote | undefined;
  onSave: (name: string, url: string) => Promise<boolean>;
  onCancel: () => void;
}

function RemoteForm({ remote, onSave, onCancel }: RemoteFormProps) {
  const { t } = useTranslation("git");
  const [name, setName] = useState(remote?.name ?? "");
  const [url, setUrl] = useState(remote?.url ?? "");
  const [pending, setPending] = useState(false);
  const empty = name.trim() === "" || url.trim() === "";
  const same = name.trim() === remote?.name && url.trim() === remote.url;
  return (
    <form
      className="flex flex-wrap gap-2 border-b p-3"
      onSubmit={async (event) => {
        event.preventDefault();
        if (empty || same) return;
        setPending(true);
        const saved = await onSave(name.trim(), url.trim());
        setPending(false);
        if (!saved || remote) return;
        setName("");
        setUrl("");
      }}
    >
      <Input
        className="w-32 max-sm:flex-1"
        aria-label={t("remotes.name")}
        placeholder={t("remotes.name")}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Input
        dir="ltr"
        className="min-w-40 flex-1"
        aria-label={t("remotes.url")}
        placeholder="https://example.com/project.git"
        value={url}
        onChange={(event) => setUrl(event.target.value)}
      />
      {remote ? (
        <Button variant="ghost" onClick={onCancel}>
          {t("cancel")}
        </Button>
      ) : null}
      <Button
        type="submit"
        variant="primary"
        pending={pending}
        disabledReason={empty ? t("remotes.both") : same ? t("remotes.same") : undefined}
      >
        {t(remote ? "remotes.save" : "remotes.add")}
      </Button>
    </form>
  );
}
