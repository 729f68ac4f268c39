import { Hourglass } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import type { NodeToken } from "@/api/types";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { useCommands } from "@/lib/commands";
import { useErrorText } from "@/lib/error-text";
import { useNow } from "@/lib/now";
import { AddDialog } from "./add-dialog";
import { useJoinCommands } from "./join-store";
import { isPending, useJoinTokens, useTokenDelete } from "./use-tokens";

/** Join commands that no server has used yet: shown again, or taken back. */
export function PendingTokens({ organization }: { organization: string }) {
  const { t } = useTranslation("servers");
  const now = useNow();
  const { data } = useJoinTokens(organization, false);
  const pending = (data?.items ?? []).filter((token) => isPending(token, now));
  if (pending.length === 0) return null;
  return (
    <section
      aria-label={t("pending.title")}
      className="mb-4 max-h-36 shrink-0 overflow-y-auto rounded-md border"
    >
      <ul className="divide-y">
        {pending.map((token) => (
          <PendingRow key={token.id} token={token} />
        ))}
      </ul>
    </section>
  );
}

function PendingRow({ token }: { token: NodeToken }) {
  const { t } = useTranslation("servers");
  const errorText = useErrorText();
  const created = useJoinCommands((state) => state.commands[token.id]);
  const takeBack = useTokenDelete((error) => void toast.error(errorText(error)));
  const [shown, setShown] = useState(false);
  const command = (verb: string, title: string, run: () => void) => ({
    id: `joinCommand.${verb}.${token.id}`,
    title: token.name ? `${title}: ${token.name}` : title,
    run,
  });
  useCommands("joinCommands", [
    ...(created ? [command("show", t("pending.show"), () => setShown(true))] : []),
    command("delete", t("join.takeBack"), () => takeBack.remove(token.id)),
  ]);
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
      <Hourglass className="size-4 shrink-0 text-info" aria-hidden />
      <span className="min-w-40 flex-1">
        {token.name ? t("pending.named", { name: token.name }) : t("pending.unnamed")}{" "}
        <span className="text-ink-3 text-xs">
          {t("pending.expires")} <TimeAgo at={token.expires_at} />
          {created ? null : ` · ${t("pending.commandGone")}`}
        </span>
      </span>
      {created ? (
        <Button size="sm" onClick={() => setShown(true)}>
          {t("pending.show")}
        </Button>
      ) : null}
      <Button
        size="sm"
        variant="ghost"
        pending={takeBack.pending}
        onClick={() => takeBack.remove(token.id)}
      >
        {t("join.takeBack")}
      </Button>
      {shown && created ? <AddDialog created={created} onClose={() => setShown(false)} /> : null}
    </li>
  );
}
