/** The SSH keys of the workspace: made, copied, deleted. */
import { useQueryClient } from "@tanstack/react-query";
import { Copy, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import type { GitSshKey } from "../types";
import { KeyForm } from "./key-form";

const KEYS = "/api/v1/workspaces/{workspace}/git/ssh/keys";

export function SshKeys({ workspace }: { workspace: string }) {
  const { t } = useTranslation("ssh");
  const client = useQueryClient();
  const errorText = useErrorText();
  const heading = useId();
  const [deleting, setDeleting] = useState<GitSshKey>();
  const params = { path: { workspace } };
  const keys = $api.useQuery("get", KEYS, { params });
  const refresh = () => client.invalidateQueries({ queryKey: ["get", KEYS] });
  const remove = $api.useMutation("post", `${KEYS}/delete`, {
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => {
      setDeleting(undefined);
      return refresh();
    },
  });
  const names = keys.data?.items.map(({ name }) => name) ?? [];
  return (
    <section aria-labelledby={heading} className="flex flex-col gap-2">
      <h3 id={heading} className="font-medium">
        {t("keys.title")}
      </h3>
      {keys.isError ? <ErrorState error={keys.error} onRetry={() => void keys.refetch()} /> : null}
      {keys.isPending ? <div aria-hidden className="skeleton h-3 w-1/3" /> : null}
      {keys.data?.items.length === 0 ? (
        <p className="text-ink-3 text-sm">{t("keys.none")}</p>
      ) : null}
      {keys.data?.configured ? <p className="text-ink-3 text-sm">{t("keys.configured")}</p> : null}
      <ul aria-labelledby={heading} className="flex flex-col gap-3">
        {keys.data?.items.map((key) => (
          <KeyRow key={key.name} sshKey={key} onDelete={() => setDeleting(key)} />
        ))}
      </ul>
      {keys.data?.truncated ? <p className="text-ink-3 text-sm">{t("keys.more")}</p> : null}
      {keys.data ? <KeyForm workspace={workspace} taken={names} onMade={refresh} /> : null}
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title={t("keys.delete", { name: deleting?.name ?? "" })}
        description={t("keys.deleteHint")}
        action={t("keys.deleteAction")}
        pending={remove.isPending}
        onConfirm={() => {
          if (deleting) remove.mutate({ params, body: { name: deleting.name } });
        }}
      />
    </section>
  );
}

interface KeyRowProps {
  sshKey: GitSshKey;
  onDelete: () => void;
}

function KeyRow({ sshKey, onDelete }: KeyRowProps) {
  const { t } = useTranslation("ssh");
  const { name, public_key } = sshKey;
  const state = !sshKey.has_private
    ? "noPrivate"
    : sshKey.encrypted
      ? "encrypted"
      : sshKey.offered
        ? "offered"
        : "notOffered";
  const copy = () => {
    // Without TLS the browser has no clipboard for pages.
    if (!navigator.clipboard) toast.error(t("keys.noClipboard"));
    else {
      void navigator.clipboard
        .writeText(public_key ?? "")
        .then(() => toast(t("keys.copied", { name })));
    }
  };
  return (
    <li className="flex flex-col gap-1">
      <div className="flex items-center gap-1">
        <span className="min-w-0 flex-1">
          <bdi className="me-2 font-medium">{name}</bdi>
          <span className="text-ink-3 text-xs">{t(`keys.state.${state}`)}</span>
          <bdi dir="ltr" className="block break-all text-ink-3 text-xs">
            {sshKey.key_type} {sshKey.fingerprint}
          </bdi>
        </span>
        <IconButton
          label={t("keys.copy", { name })}
          disabledReason={public_key ? undefined : t("keys.noPublic")}
          onClick={copy}
        >
          <Copy />
        </IconButton>
        <IconButton label={t("keys.delete", { name })} onClick={onDelete}>
          <Trash2 />
        </IconButton>
      </div>
      {public_key ? (
        <Input
          readOnly
          dir="ltr"
          className="font-mono text-xs"
          aria-label={t("keys.public", { name })}
          value={public_key}
          onFocus={(event) => event.target.select()}
        />
      ) : (
        <p className="text-ink-3 text-xs">{t("keys.noPublic")}</p>
      )}
    </li>
  );
}
