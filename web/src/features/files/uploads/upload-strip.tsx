/** How uploads stand, below the tree: all together, each that needs somebody, and what a reload cut off. */
import { ChevronDown, ChevronUp, Pause, Play, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { formatBytes } from "@/lib/format";
import { currentLocale } from "@/lib/i18n";
import { numberFormat } from "@/lib/intl";
import { ConflictNotice } from "./conflict-notice";
import type { UploadSession } from "./session";
import { dismiss, findInterrupted, forgetInterrupted, useUploads } from "./store";
import { UploadList } from "./upload-list";

interface UploadStripProps {
  host: string;
  /** Opens a chooser of files or of a folder. */
  onChoose: (what: "files" | "folder") => void;
}

export function UploadStrip({ host, onChoose }: UploadStripProps) {
  const session = useUploads(({ sessions }) => sessions.get(host));
  // Sessions change in place.
  useUploads(({ version }) => version);
  useEffect(() => void findInterrupted(host), [host]);
  if (!session) return <InterruptedNotice host={host} onChoose={onChoose} />;
  return <SessionStrip host={host} session={session} />;
}

function SessionStrip({ host, session }: { host: string; session: UploadSession }) {
  const { t } = useTranslation("files");
  const [open, setOpen] = useState(false);
  const { totals, paused, isIdle } = session;
  const conflict = session.uploads.find(({ state }) => state === "conflict");
  const isOver = isIdle && totals.failed === 0;
  // What is over needs nobody: it goes by itself, when it was read.
  useEffect(() => {
    if (!isOver) return;
    const timer = setTimeout(() => dismiss(host), 4_000);
    return () => clearTimeout(timer);
  }, [isOver, host]);
  const fraction = totals.bytes === 0 ? (isIdle ? 1 : 0) : totals.sentBytes / totals.bytes;
  const locale = currentLocale();
  const percent = numberFormat(locale, { style: "percent" }).format(fraction);
  const title = () => {
    if (isOver) return t("upload.done", { count: totals.count });
    if (paused) return t("upload.paused");
    if (session.isOffline) return t("upload.offline");
    return t("upload.progress", { done: totals.through, count: totals.count });
  };
  return (
    <section
      aria-label={t("upload.region")}
      className="flex max-h-[50%] shrink-0 flex-col gap-1 border-t bg-canvas p-2"
    >
      <div className="flex items-center gap-1">
        <span role="status" className="min-w-0 flex-1 truncate">
          {title()}
        </span>
        <span className="text-ink-3 text-xs tabular-nums">{percent}</span>
        {isIdle ? null : (
          <IconButton
            label={paused ? t("upload.resume") : t("upload.pause")}
            onClick={() => (paused ? session.resume() : session.pause())}
          >
            {paused ? <Play /> : <Pause />}
          </IconButton>
        )}
        <IconButton
          label={open ? t("upload.hideFiles") : t("upload.showFiles")}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? <ChevronDown /> : <ChevronUp />}
        </IconButton>
        <IconButton
          label={isIdle ? t("upload.dismiss") : t("upload.cancel")}
          onClick={() => {
            if (!isIdle) session.cancel();
            dismiss(host);
          }}
        >
          <X />
        </IconButton>
      </div>
      <progress className="sr-only" value={fraction} max={1} aria-label={t("upload.region")} />
      <div aria-hidden className="h-1 shrink-0 overflow-hidden rounded-sm bg-hover">
        <div className="h-full bg-accent" style={{ width: `${fraction * 100}%` }} />
      </div>
      <p className="text-ink-3 text-xs tabular-nums">
        {t("upload.bytes", {
          sent: formatBytes(totals.sentBytes, locale),
          all: formatBytes(totals.bytes, locale),
        })}
      </p>
      {conflict ? <ConflictNotice session={session} upload={conflict} /> : null}
      {open || totals.failed > 0 ? <UploadList session={session} all={open} /> : null}
    </section>
  );
}

function InterruptedNotice({ host, onChoose }: UploadStripProps) {
  const { t } = useTranslation("files");
  const found = useUploads(({ interrupted }) => interrupted.get(host));
  if (!found) return null;
  return (
    <section aria-label={t("upload.region")} className="flex shrink-0 flex-col gap-2 border-t p-2">
      <p>{t("upload.interrupted", { count: found.count - found.done })}</p>
      <div className="flex flex-wrap gap-2">
        <Button size="sm" onClick={() => onChoose("files")}>
          {t("upload.chooseFiles")}
        </Button>
        <Button size="sm" onClick={() => onChoose("folder")}>
          {t("upload.chooseFolder")}
        </Button>
        <Button size="sm" variant="ghost" onClick={() => void forgetInterrupted(host)}>
          {t("upload.forget")}
        </Button>
      </div>
    </section>
  );
}
