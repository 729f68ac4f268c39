import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import type { GitCredential } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons, Section } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useCommands } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { useNow } from "@/lib/now";
import { GitCredentialDialog } from "./git-credential-dialog";

/** Who the person is at Git hosts. */
export function GitCredentialsSection() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [editing, setEditing] = useState<GitCredential | "new">();
  const [removing, setRemoving] = useState<GitCredential>();
  const list = $api.queryOptions("get", "/api/v1/me/git-credentials");
  const credentials = useQuery(list);
  const remove = $api.useMutation("delete", "/api/v1/me/git-credentials/{git_credential}", {
    onSettled: () => queryClient.invalidateQueries({ queryKey: list.queryKey }),
    onSuccess: () => setRemoving(undefined),
    onError: (error: unknown) => void toast.error(errorText(error)),
  });
  const items = credentials.data?.items;
  useCommands("account", [
    {
      id: "gitCredential.add",
      title: t("gitCredentials.add"),
      run: () => setEditing("new"),
    },
    ...(items ?? []).flatMap((credential) => [
      {
        id: `gitCredential.replace.${credential.id}`,
        title: t("gitCredentials.replaceNamed", { url: credential.url }),
        run: () => setEditing(credential),
      },
      {
        id: `gitCredential.remove.${credential.id}`,
        title: t("gitCredentials.removeNamed", { url: credential.url }),
        run: () => setRemoving(credential),
      },
    ]),
  ]);
  return (
    <Section
      id="gitCredentials"
      title={t("gitCredentials.title")}
      description={t("gitCredentials.detail")}
    >
      <Button onClick={() => setEditing("new")}>
        <Plus aria-hidden />
        {t("gitCredentials.add")}
      </Button>
      <div className="mt-3">
        {credentials.isPending ? (
          <RowSkeletons label={t("gitCredentials.loading")} rows={2} />
        ) : null}
        {credentials.isError ? (
          <ErrorState
            error={credentials.error}
            onRetry={() => credentials.refetch()}
            retrying={credentials.isFetching}
          />
        ) : null}
        {items?.length === 0 ? <p className="text-ink-2">{t("gitCredentials.none")}</p> : null}
        <ul className="divide-y">
          {items?.map((credential) => (
            <CredentialRow
              key={credential.id}
              credential={credential}
              onReplace={() => setEditing(credential)}
              onRemove={() => setRemoving(credential)}
            />
          ))}
        </ul>
      </div>
      {editing === undefined ? null : (
        <GitCredentialDialog
          credential={editing === "new" ? undefined : editing}
          onClose={() => setEditing(undefined)}
        />
      )}
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={() => setRemoving(undefined)}
        title={t("gitCredentials.removeTitle", { url: removing?.url ?? "" })}
        description={t("gitCredentials.removeDetail")}
        action={t("gitCredentials.remove")}
        pending={remove.isPending}
        onConfirm={() => {
          if (removing) remove.mutate({ params: { path: { git_credential: removing.id } } });
        }}
      />
    </Section>
  );
}

interface RowProps {
  credential: GitCredential;
  onReplace: () => void;
  onRemove: () => void;
}

function CredentialRow({ credential, onReplace, onRemove }: RowProps) {
  const { t } = useTranslation("settings");
  const { url } = credential;
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 py-2">
      <div className="min-w-0">
        <p className="truncate">
          <bdi dir="ltr" className="font-medium">
            {url}
          </bdi>{" "}
          <bdi className="text-ink-3 text-xs">{credential.username}</bdi>
        </p>
        <p className="text-ink-2 text-xs">
          {credential.last_used_at == null ? (
            t("gitCredentials.neverUsed")
          ) : (
            <>
              {t("gitCredentials.used")} <TimeAgo at={credential.last_used_at} />
            </>
          )}
          <Fault credential={credential} />
        </p>
      </div>
      <div className="flex gap-2">
        <Button
          size="sm"
          onClick={onReplace}
          aria-label={t("gitCredentials.replaceNamed", { url })}
        >
          {t("gitCredentials.replace")}
        </Button>
        <Button size="sm" onClick={onRemove} aria-label={t("gitCredentials.removeNamed", { url })}>
          {t("gitCredentials.remove")}
        </Button>
      </div>
    </li>
  );
}

/** Why it does not work, or until when it does. */
function Fault({ credential }: { credential: GitCredential }) {
  const { t } = useTranslation("settings");
  const now = useNow();
  const expires = credential.expires_at;
  const fault = !credential.readable
    ? "unreadable"
    : expires != null && expires <= now
      ? "expired"
      : credential.refused_at != null
        ? "refused"
        : undefined;
  if (fault !== undefined) {
    return (
      <span className="text-warn">
        {" · "}
        <TriangleAlert className="me-1 inline size-3.5" aria-hidden />
        {t(`gitCredentials.${fault}`)}
      </span>
    );
  }
  if (expires == null) return null;
  return (
    <>
      {" · "}
      {t("gitCredentials.until")} <TimeAgo at={expires} />
    </>
  );
}
