/** Links by which a terminal is shared: made, shown once, listed, revoked. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Copy, Eye, Keyboard } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { api } from "@/api/client";
import type { ApiError } from "@/api/errors";
import type { components } from "@/api/schema.gen";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { IconButton } from "@/components/ui/icon-button";
import { Select } from "@/components/ui/select";
import { cn } from "@/lib/cn";
import { useErrorText } from "@/lib/error-text";
import { shareList, type Terminal } from "../queries";

type Share = components["schemas"]["TerminalShare"];

/** For how long a link may be good, in hours. */
const HOURS = [1, 8, 24, 72, 168] as const;

interface ShareDialogProps {
  workspace: string;
  terminal: Terminal;
  onClose: () => void;
}

export function ShareDialog({ workspace, terminal, onClose }: ShareDialogProps) {
  const { t } = useTranslation("terminals");
  const client = useQueryClient();
  const errorText = useErrorText();
  const list = useQuery(shareList(workspace, terminal.id));
  const [access, setAccess] = useState<"read" | "write">("read");
  const [hours, setHours] = useState<number>(24);
  const [link, setLink] = useState<string>();
  const [pending, setPending] = useState(false);
  const shares = list.data?.items ?? [];

  const attempt = async (action: () => Promise<void>) => {
    setPending(true);
    try {
      await action();
    } catch (error) {
      toast.error(errorText(error as ApiError));
    }
    setPending(false);
    await client.invalidateQueries({ queryKey: shareList(workspace, terminal.id).queryKey });
  };
  const create = () =>
    attempt(async () => {
      const { data } = await api.POST(
        "/api/v1/workspaces/{workspace}/terminals/{terminal}/shares",
        {
          params: { path: { workspace, terminal: terminal.id } },
          body: { access, expires_in_s: hours * 60 * 60 },
        },
      );
      if (data) setLink(`${window.location.origin}${data.path}`);
    });
  const revoke = (share: Share) =>
    attempt(async () => {
      await api.POST("/api/v1/workspaces/{workspace}/terminal-shares/{share}/revoke", {
        params: { path: { workspace, share: share.id } },
      });
      toast.success(t("share.revoked"));
    });

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("share.title", { name: terminal.name })}
      description={t("share.description")}
      className="sm:max-w-xl"
    >
      <DialogBody className="flex flex-col gap-4">
        <div className="flex flex-wrap items-end gap-3">
          <Field label={t("share.access")} className="min-w-44 flex-1">
            {(control) => (
              <Select
                {...control}
                value={access}
                onChange={(event) => setAccess(event.target.value as "read" | "write")}
              >
                <option value="read">{t("share.read")}</option>
                <option value="write">{t("share.write")}</option>
              </Select>
            )}
          </Field>
          <Field label={t("share.expires")}>
            {(control) => (
              <Select
                {...control}
                value={hours}
                onChange={(event) => setHours(Number(event.target.value))}
              >
                {HOURS.map((count) => (
                  <option key={count} value={count}>
                    {count < 24
                      ? t("share.hours", { count })
                      : t("share.days", { count: count / 24 })}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Button variant="primary" pending={pending} onClick={() => void create()}>
            {t("share.create")}
          </Button>
        </div>
        {access === "write" ? (
          <p className="rounded-md bg-warn-soft px-3 py-2 text-warn text-xs">
            {t("share.writeWarning")}
          </p>
        ) : null}
        {link ? <NewLink link={link} /> : null}
        {list.isError ? (
          <ErrorState
            error={list.error}
            onRetry={() => void list.refetch()}
            retrying={list.isFetching}
          />
        ) : null}
        {shares.length > 0 ? (
          <section aria-label={t("share.list")}>
            <h3 className="mb-1 font-medium text-ink-2 text-xs">{t("share.list")}</h3>
            <ul className="divide-y">
              {shares.map((share) => (
                <ShareRow key={share.id} share={share} onRevoke={() => void revoke(share)} />
              ))}
            </ul>
          </section>
        ) : null}
      </DialogBody>
    </Dialog>
  );
}

function NewLink({ link }: { link: string }) {
  const { t } = useTranslation("terminals");
  return (
    <div className="rounded-md border border-accent bg-selected p-3">
      <Field label={t("share.link")} hint={t("share.once")}>
        {(control) => (
          <span className="flex gap-2">
            <Input
              {...control}
              dir="ltr"
              readOnly
              value={link}
              onFocus={(event) => event.target.select()}
            />
            <IconButton
              label={t("share.copy")}
              size="icon"
              onClick={() => {
                void navigator.clipboard
                  ?.writeText(link)
                  .then(() => toast.success(t("share.copied")));
              }}
            >
              <Copy />
            </IconButton>
          </span>
        )}
      </Field>
    </div>
  );
}

function ShareRow({ share, onRevoke }: { share: Share; onRevoke: () => void }) {
  const { t } = useTranslation("terminals");
  const Icon = share.access === "write" ? Keyboard : Eye;
  const good = share.state === "active";
  return (
    <li className="flex items-center gap-3 py-2">
      <Icon className="size-4 shrink-0 text-ink-3" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className={cn(!good && "text-ink-3")}>
          {t(share.access === "write" ? "share.write" : "share.read")}
          {" · "}
          {good ? t("share.until") : t(`shareState.${share.state}`)}{" "}
          {good ? <TimeAgo at={share.expires_at} /> : null}
        </p>
        <p className="flex flex-wrap gap-x-1 text-ink-3 text-xs">
          <span>{t("share.by", { name: share.created_by })}</span>
          <span>·</span>
          {share.last_used_at == null ? (
            <span>{t("share.unused")}</span>
          ) : (
            <span>
              {t("share.used", { count: share.uses })} <TimeAgo at={share.last_used_at} />
            </span>
          )}
        </p>
      </div>
      {good ? (
        <Button size="sm" onClick={onRevoke}>
          {t("share.revoke")}
        </Button>
      ) : null}
    </li>
  );
}
