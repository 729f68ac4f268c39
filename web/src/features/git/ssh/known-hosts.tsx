/** The hosts whose keys are known: listed, found by name, deleted. */
import { keepPreviousData, useQueryClient } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import { ErrorState } from "@/components/error-state";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import type { GitKnownHost } from "../types";

const HOSTS = "/api/v1/workspaces/{workspace}/git/ssh/hosts";

interface KnownHostsProps {
  workspace: string;
  host: string | undefined;
}

export function KnownHosts({ workspace, host }: KnownHostsProps) {
  const { t } = useTranslation("ssh");
  const client = useQueryClient();
  const errorText = useErrorText();
  const heading = useId();
  const [typed, setTyped] = useState(host ?? "");
  const [sought, setSought] = useState(host ?? "");
  const [deleting, setDeleting] = useState<GitKnownHost>();
  const path = { workspace };
  const hosts = $api.useQuery(
    "get",
    HOSTS,
    { params: { path, query: sought === "" ? {} : { host: sought } } },
    { placeholderData: keepPreviousData },
  );
  const remove = $api.useMutation("post", `${HOSTS}/delete`, {
    onError: (error) => toast.error(errorText(error)),
    onSettled: () => {
      setDeleting(undefined);
      return client.invalidateQueries({ queryKey: ["get", HOSTS] });
    },
  });
  const nameOf = (known: GitKnownHost) =>
    known.hosts ?? (sought === "" ? t("hosts.hashed") : sought);
  return (
    <section aria-labelledby={heading} className="flex flex-col gap-2">
      <h3 id={heading} className="font-medium">
        {t("hosts.title")}
      </h3>
      <form
        className="flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          setSought(typed.trim());
        }}
      >
        <Input
          dir="ltr"
          className="min-w-0 flex-1"
          aria-label={t("hosts.name")}
          placeholder="example.com, [example.com]:2222"
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        <Button type="submit">{t("hosts.find")}</Button>
      </form>
      {hosts.isError ? (
        <ErrorState error={hosts.error} onRetry={() => void hosts.refetch()} />
      ) : null}
      {hosts.isPending ? <div aria-hidden className="skeleton h-3 w-1/3" /> : null}
      {hosts.data?.items.length === 0 ? (
        <p className="text-ink-3 text-sm">{t(sought === "" ? "hosts.none" : "hosts.notKnown")}</p>
      ) : null}
      <ul aria-labelledby={heading} className="flex flex-col gap-2">
        {hosts.data?.items.map((known) => (
          <li key={known.id} className="flex items-center gap-1">
            <span className="min-w-0 flex-1">
              <bdi className="block truncate" title={nameOf(known)}>
                {nameOf(known)}
              </bdi>
              <bdi dir="ltr" className="block break-all text-ink-3 text-xs">
                {known.marker ? `@${known.marker} ` : ""}
                {known.key_type} {known.fingerprint}
              </bdi>
            </span>
            <IconButton
              label={t("hosts.delete", { name: nameOf(known) })}
              disabledReason={known.system ? t("hosts.system") : undefined}
              onClick={() => setDeleting(known)}
            >
              <Trash2 />
            </IconButton>
          </li>
        ))}
      </ul>
      {hosts.data?.truncated ? <p className="text-ink-3 text-sm">{t("hosts.more")}</p> : null}
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={() => setDeleting(undefined)}
        title={t("hosts.delete", { name: deleting ? nameOf(deleting) : "" })}
        description={t("hosts.deleteHint")}
        action={t("hosts.deleteAction")}
        pending={remove.isPending}
        onConfirm={() => {
          if (deleting) remove.mutate({ params: { path }, body: { id: deleting.id } });
        }}
      />
    </section>
  );
}
