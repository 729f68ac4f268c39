/** The recordings of a workspace: to be watched, taken along and deleted. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleStop, Download, Play, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { agentApi, agentPath } from "@/api/agent";
import { apiFetch } from "@/api/client";
import type { ApiError } from "@/api/errors";
import { ErrorState } from "@/components/error-state";
import { TimeAgo } from "@/components/time-ago";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogBody } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { type Recording, recordingList } from "../queries";
import { type Cast, parseCast } from "./cast";

const PlayerView = lazy(async () => ({ default: (await import("./player-view")).PlayerView }));

const ONE = "/api/v1/workspaces/{workspace}/recordings/{recording}";

function contentUrl(workspace: string, recording: Recording): string {
  return `${agentPath(workspace)}recordings/${recording.id}/content`;
}

export function RecordingsDialog({
  workspace,
  onClose,
}: {
  workspace: string;
  onClose: () => void;
}) {
  const { t } = useTranslation("terminals");
  const client = useQueryClient();
  const errorText = useErrorText();
  const locale = currentLocale();
  const list = useQuery(recordingList(workspace));
  const [watched, setWatched] = useState<{ recording: Recording; cast: Cast }>();
  const [deleting, setDeleting] = useState<Recording>();
  const items = list.data?.items ?? [];

  const attempt = async (action: () => Promise<unknown>) => {
    try {
      await action();
    } catch (error) {
      toast.error(errorText(error as ApiError));
    }
    await client.invalidateQueries({ queryKey: recordingList(workspace).queryKey });
  };
  const path = (recording: Recording) => ({
    params: { path: { workspace, recording: recording.id } },
  });
  const watch = (recording: Recording) =>
    attempt(async () => {
      const answer = await apiFetch(contentUrl(workspace, recording));
      const cast = parseCast(await answer.text());
      if (cast) setWatched({ recording, cast });
      else toast.error(t("recordings.unreadable"));
    });

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && (watched ? setWatched(undefined) : onClose())}
      title={
        watched ? t("recordings.watching", { name: watched.recording.name }) : t("recordings.title")
      }
      description={watched ? undefined : t("recordings.description")}
      className={watched ? "sm:top-[4vh] sm:max-h-[92vh] sm:max-w-5xl" : "sm:max-w-2xl"}
    >
      {watched ? (
        <Suspense fallback={<div className="skeleton m-4 h-48" />}>
          <PlayerView cast={watched.cast} />
        </Suspense>
      ) : (
        <DialogBody className="flex flex-col gap-3">
          {list.isError ? (
            <ErrorState
              error={list.error}
              onRetry={() => void list.refetch()}
              retrying={list.isFetching}
            />
          ) : null}
          {list.isPending ? <div className="skeleton h-10" /> : null}
          {list.isSuccess && items.length === 0 ? (
            <p className="text-ink-2">{t("recordings.none")}</p>
          ) : null}
          <ul className="divide-y">
            {items.map((recording) => (
              <li key={recording.id} className="flex items-center gap-2 py-2">
                <div className="min-w-0 flex-1">
                  <p className="truncate font-medium">
                    <bdi>{recording.name}</bdi>
                  </p>
                  <p className="flex flex-wrap gap-x-2 text-ink-3 text-xs">
                    <TimeAgo at={recording.started_at} />
                    <span>
                      {t("recordings.seconds", { count: Math.round(recording.duration_ms / 1000) })}
                    </span>
                    <span>{formatBytes(recording.size_bytes, locale)}</span>
                    <span>{t(`recordingEnd.${recording.ended ?? "running"}`)}</span>
                  </p>
                </div>
                <IconButton
                  label={t("recordings.watch", { name: recording.name })}
                  onClick={() => void watch(recording)}
                >
                  <Play />
                </IconButton>
                <a
                  href={contentUrl(workspace, recording)}
                  download={`${recording.name.replace(/[^\p{L}\p{N}._-]+/gu, "-")}.cast`}
                  title={t("recordings.download", { name: recording.name })}
                  aria-label={t("recordings.download", { name: recording.name })}
                  className="flex size-7 items-center justify-center rounded-md text-ink-2 hover:bg-hover hover:text-ink"
                >
                  <Download className="size-4" aria-hidden />
                </a>
                {recording.ended == null ? (
                  <IconButton
                    label={t("recordings.stop", { name: recording.name })}
                    onClick={() =>
                      void attempt(() => agentApi.POST(`${ONE}/stop`, path(recording)))
                    }
                  >
                    <CircleStop />
                  </IconButton>
                ) : (
                  <IconButton
                    label={t("recordings.delete", { name: recording.name })}
                    onClick={() => setDeleting(recording)}
                  >
                    <Trash2 />
                  </IconButton>
                )}
              </li>
            ))}
          </ul>
          {list.data && items.length > 0 ? (
            <p className="text-ink-3 text-xs">
              {t("recordings.room", {
                used: formatBytes(list.data.size_bytes, locale),
                max: formatBytes(list.data.size_bytes_max, locale),
              })}
            </p>
          ) : null}
        </DialogBody>
      )}
      <ConfirmDialog
        open={deleting !== undefined}
        onOpenChange={(open) => !open && setDeleting(undefined)}
        title={t("recordings.deleteTitle", { name: deleting?.name })}
        description={t("recordings.deleteDescription")}
        action={t("recordings.deleteAction")}
        pending={false}
        onConfirm={() => {
          const gone = deleting;
          setDeleting(undefined);
          if (gone) void attempt(() => agentApi.DELETE(ONE, path(gone)));
        }}
      />
    </Dialog>
  );
}
