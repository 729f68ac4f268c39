import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import type { Token } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons, Section } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { useCommands } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { useNow } from "@/lib/now";
import { TokenCreateDialog } from "./token-create-dialog";

/** Before its end, for how long a token's row warns of it. */
const WARN_MS = 7 * 24 * 3_600_000;

/** Secrets for the CLI and other programs. */
export function TokensSection() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Token>();
  const list = $api.queryOptions("get", "/api/v1/me/tokens");
  const tokens = useQuery(list);
  const remove = $api.useMutation("delete", "/api/v1/me/tokens/{token}", {
    onSettled: () => queryClient.invalidateQueries({ queryKey: list.queryKey }),
    onSuccess: () => setRevoking(undefined),
    onError: (error: unknown) => void toast.error(errorText(error)),
  });
  useCommands("account", [
    {
      id: "token.create",
      title: t("tokens.create"),
      run: () => setCreating(true),
    },
    ...(tokens.data?.items ?? []).map((token) => ({
      id: `token.revoke.${token.id}`,
      title: t("tokens.revokeNamed", { name: token.name }),
      run: () => setRevoking(token),
    })),
  ]);
  return (
    <Section id="tokens" title={t("tokens.title")} description={t("tokens.detail")}>
      <Button onClick={() => setCreating(true)}>
        <Plus aria-hidden />
        {t("tokens.create")}
      </Button>
      <div className="mt-3">
        {tokens.isPending ? <RowSkeletons label={t("tokens.loading")} rows={2} /> : null}
        {tokens.isError ? (
          <ErrorState
            error={tokens.error}
            onRetry={() => tokens.refetch()}
            retrying={tokens.isFetching}
          />
        ) : null}
        {tokens.data?.items.length === 0 ? <p className="text-ink-2">{t("tokens.none")}</p> : null}
        <ul className="divide-y">
          {tokens.data?.items.map((token) => (
            <TokenRow key={token.id} token={token} onRevoke={() => setRevoking(token)} />
          ))}
        </ul>
      </div>
      {creating ? <TokenCreateDialog onClose={() => setCreating(false)} /> : null}
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={() => setRevoking(undefined)}
        title={t("tokens.revokeTitle", { name: revoking?.name ?? "" })}
        description={t("tokens.revokeDetail")}
        action={t("tokens.revoke")}
        pending={remove.isPending}
        onConfirm={() => {
          if (revoking) remove.mutate({ params: { path: { token: revoking.id } } });
        }}
      />
    </Section>
  );
}

function TokenRow({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  const { t } = useTranslation("settings");
  const now = useNow();
  const ending = token.expires_at - now < WARN_MS;
  return (
    <li className="flex items-center justify-between gap-3 py-2">
      <div className="min-w-0">
        <p className="truncate">
          <bdi className="font-medium">{token.name}</bdi>{" "}
          <bdi className="font-mono text-ink-3 text-xs">{token.hint}…</bdi>
        </p>
        <p className="text-ink-2 text-xs">
          {token.last_used_at == null ? (
            t("tokens.neverUsed")
          ) : (
            <>
              {t("tokens.used")} <TimeAgo at={token.last_used_at} />
            </>
          )}
          {" · "}
          <span className={ending ? "text-warn" : undefined}>
            {ending ? <TriangleAlert className="me-1 inline size-3.5" aria-hidden /> : null}
            {t(token.expires_at > now ? "tokens.expires" : "tokens.expired")}{" "}
            <TimeAgo at={token.expires_at} />
          </span>
        </p>
      </div>
      <Button
        size="sm"
        onClick={onRevoke}
        aria-label={t("tokens.revokeNamed", { name: token.name })}
      >
        {t("tokens.revoke")}
      </Button>
    </li>
  );
}
