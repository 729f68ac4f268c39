/** What was deleted, to be brought back or deleted for good. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { Button } from "@/components/ui/button";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { useNow } from "@/lib/now";
import { exactTime, relativeTime } from "@/lib/relative-time";
import { shownPath } from "@/lib/shown-path";
import { trashKey } from "./queries";
import { deleteForGood, restoreFromTrash, type TrashEntry, trashOptions } from "./trash";

interface TrashDialogProps {
  workspace: string;
  onClose: () => void;
  /** Entries came back at these paths. */
  onRestored: (paths: string[]) => void;
}

export function TrashDialog({ workspace, onClose, onRestored }: TrashDialogProps) {
  const { t } = useTranslation("files");
  const errorText = useErrorText();
  const client = useQueryClient();
  const { data, error, isPending, refetch } = useQuery(trashOptions(workspace));
  const [asking, setAsking] = useState<TrashEntry | "all">();
  const [busy, setBusy] = useState(false);

  const attempt = async (action: () => Promise<void>) => {
    setBusy(true);
    try {
      await action();
    } catch (cause) {
      toast.error(errorText(cause));
    }
    await client.invalidateQueries({ queryKey: trashKey(workspace) });
    setBusy(false);
  };
  const restore = (items: readonly TrashEntry[]) =>
    attempt(async () => {
      const back = await restoreFromTrash(
        workspace,
        items.map(({ id }) => id),
      );
      const failed = back.find(({ problem }) => problem);
      if (failed?.problem) toast.error(failed.problem.detail);
      onRestored(back.flatMap(({ entry }) => entry?.path ?? []));
    });

  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={t("trash.title")}
      description={t("trash.description")}
      className="sm:max-w-xl"
    >
      <DialogBody className="p-0">
        {isPending ? <div className="skeleton m-4 h-4 w-48" /> : null}
        {error ? (
          <p role="alert" className="flex items-center gap-2 p-4 text-bad">
            {errorText(error)}
            <Button size="sm" onClick={() => void refetch()}>
              {t("trash.readAgain")}
            </Button>
          </p>
        ) : null}
        {data?.length === 0 ? <p className="p-4 text-ink-2">{t("trash.empty")}</p> : null}
        <ul aria-label={t("trash.title")}>
          {data?.map((entry) => (
            <TrashRow
              key={entry.id}
              entry={entry}
              busy={busy}
              onRestore={() => void restore([entry])}
              onDelete={() => setAsking(entry)}
            />
          ))}
        </ul>
      </DialogBody>
      <DialogFooter>
        <Button
          disabledReason={data?.length ? undefined : t("trash.empty")}
          onClick={() => setAsking("all")}
        >
          {t("trash.deleteAll")}
        </Button>
        <Button variant="primary" onClick={onClose}>
          {t("trash.close")}
        </Button>
      </DialogFooter>
      <ConfirmDialog
        open={asking !== undefined}
        onOpenChange={(open) => {
          if (!open) setAsking(undefined);
        }}
        title={
          asking === "all"
            ? t("trash.deleteAllTitle", { count: data?.length ?? 0 })
            : t("trash.deleteTitle", { name: asking?.name ?? "" })
        }
        description={t("trash.deleteDescription")}
        action={t("trash.deleteForGood")}
        pending={busy}
        onConfirm={() => {
          const entry = asking === "all" ? undefined : asking?.id;
          void attempt(() => deleteForGood(workspace, entry)).then(() => setAsking(undefined));
        }}
      />
    </Dialog>
  );
}

interface TrashRowProps {
  entry: TrashEntry;
  busy: boolean;
  onRestore: () => void;
  onDelete: () => void;
}

function TrashRow({ entry, busy, onRestore, onDelete }: TrashRowProps) {
  const { t } = useTranslation("files");
  const now = useNow();
  const locale = currentLocale();
  const size = entry.size == null ? undefined : formatBytes(entry.size, locale);
  return (
    <li className="flex items-center gap-2 border-b px-4 py-2 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="truncate" title={shownPath(entry.path)}>
          <bdi>{shownPath(entry.path)}</bdi>
        </p>
        <p className="text-ink-3 text-xs tabular-nums">
          <span title={exactTime(entry.deleted_at, locale)}>
            {relativeTime(entry.deleted_at, now, locale)}
          </span>
          {size === undefined ? null : ` · ${size}`}
        </p>
      </div>
      <IconButton
        label={t("trash.restoreName", { name: entry.name })}
        disabledReason={busy ? t("trash.busy") : undefined}
        onClick={onRestore}
      >
        <RotateCcw />
      </IconButton>
      <IconButton label={t("trash.deleteName", { name: entry.name })} onClick={onDelete}>
        <Trash2 />
      </IconButton>
    </li>
  );
}
