import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { $api } from "@/api/client";
import type { Session } from "@/api/types";
import { ErrorState } from "@/components/error-state";
import { RowSkeletons, Section } from "@/components/page";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { userAgentName } from "./user-agent";

/** Where the person is signed in. */
export function SessionsSection() {
  const { t } = useTranslation("settings");
  const queryClient = useQueryClient();
  const errorText = useErrorText();
  const list = $api.queryOptions("get", "/api/v1/me/sessions");
  const sessions = useQuery(list);
  const revoke = $api.useMutation("delete", "/api/v1/me/sessions/{session}", {
    onSettled: () => queryClient.invalidateQueries({ queryKey: list.queryKey }),
    onError: (error: unknown) => void toast.error(errorText(error)),
  });
  const end = (session: Session) => revoke.mutate({ params: { path: { session: session.id } } });
  useCommands(
    "account",
    (sessions.data?.items ?? [])
      .filter(({ current }) => !current)
      .map((session) => ({
        id: `session.revoke.${session.id}`,
        title: t("sessions.revokeNamed", { name: userAgentName(session.user_agent) }),
        run: () => end(session),
      })),
  );
  return (
    <Section id="sessions" title={t("sessions.title")} description={t("sessions.detail")}>
      {sessions.isPending ? <RowSkeletons label={t("sessions.loading")} rows={2} /> : null}
      {sessions.isError ? (
        <ErrorState
          error={sessions.error}
          onRetry={() => sessions.refetch()}
          retrying={sessions.isFetching}
        />
      ) : null}
      <ul className="divide-y">
        {sessions.data?.items.map((session) => (
          <SessionRow
            key={session.id}
            session={session}
            pending={revoke.isPending}
            onRevoke={() => end(session)}
          />
        ))}
      </ul>
    </Section>
  );
}

interface SessionRowProps {
  session: Session;
  pending: boolean;
  onRevoke: () => void;
}

function SessionRow({ session, pending, onRevoke }: SessionRowProps) {
  const { t } = useTranslation("settings");
  const name = userAgentName(session.user_agent);
  return (
    <li className="flex items-center justify-between gap-3 py-2 first:pt-0">
      <div className="min-w-0">
        <p className="truncate font-medium" title={session.user_agent}>
          <bdi>{name}</bdi>
        </p>
        <p className="text-ink-2 text-xs">
          <bdi className="font-mono">{session.address}</bdi>
          {" · "}
          {t("sessions.used")} <TimeAgo at={session.last_used_at} />
          {" · "}
          {t("sessions.since")} <TimeAgo at={session.created_at} />
        </p>
      </div>
      {session.current ? (
        <span className="shrink-0 text-ink-2 text-xs">{t("sessions.current")}</span>
      ) : (
        <Button
          size="sm"
          pending={pending}
          onClick={onRevoke}
          aria-label={t("sessions.revokeNamed", { name })}
        >
          {t("sessions.revoke")}
        </Button>
      )}
    </li>
  );
}
