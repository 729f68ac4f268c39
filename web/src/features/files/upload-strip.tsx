/** How an upload stands, below the tree. */
import { CircleAlert, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import { currentLocale } from "@/lib/i18n";
import { shownPath } from "@/lib/shown-path";
import { cancelUpload, dismissUpload, upload, useUpload } from "./upload";

export function UploadStrip({ workspace }: { workspace: string }) {
  const { t } = useTranslation("workbench");
  const errorText = useErrorText();
  const state = useUpload();
  // What is sent elsewhere is shown there.
  if (state.workspace !== workspace) return null;
  if (!state.running && state.existing.length + state.failures.length === 0) return null;
  const fraction = state.totalBytes === 0 ? 0 : state.sentBytes / state.totalBytes;
  const percent = new Intl.NumberFormat(currentLocale(), { style: "percent" }).format(fraction);
  return (
    <section
      aria-label={t("files.uploadProgress")}
      className="flex shrink-0 flex-col gap-1 border-t bg-canvas p-2"
    >
      {state.running ? (
        <>
          <div className="flex items-center justify-between gap-2">
            <span className="min-w-0 truncate">
              {t("files.uploading", { name: state.name, done: state.done + 1, count: state.count })}
            </span>
            <span className="text-ink-3">{percent}</span>
            <IconButton label={t("files.uploadCancel")} onClick={cancelUpload}>
              <X />
            </IconButton>
          </div>
          <progress
            className="sr-only"
            value={fraction}
            max={1}
            aria-label={t("files.uploadProgress")}
          />
          <div aria-hidden className="h-1 overflow-hidden rounded-sm bg-hover">
            <div className="h-full bg-accent" style={{ width: `${fraction * 100}%` }} />
          </div>
        </>
      ) : null}
      {!state.running && state.existing.length > 0 ? (
        <div role="alert" className="flex flex-wrap items-center gap-2">
          <span className="text-warn">
            {t("files.uploadExisting", {
              count: state.existing.length,
              name: state.existing[0]?.file.name,
            })}
          </span>
          <Button size="sm" onClick={() => void upload(workspace, state.existing, true)}>
            {t("files.uploadReplace")}
          </Button>
          <Button size="sm" variant="ghost" onClick={dismissUpload}>
            {t("files.uploadSkip")}
          </Button>
        </div>
      ) : null}
      {state.failures.map(({ path, error }) => (
        <p key={path} role="alert" className="flex items-start gap-1.5 text-bad">
          <CircleAlert className="mt-0.5 size-4 shrink-0" aria-hidden />
          <span className="min-w-0 break-words">
            <bdi>{shownPath(path)}</bdi>: {errorText(error)}
          </span>
        </p>
      ))}
      {!state.running && state.failures.length > 0 ? (
        <Button size="sm" variant="ghost" className="self-end" onClick={dismissUpload}>
          {t("files.uploadDismiss")}
        </Button>
      ) : null}
    </section>
  );
}
