/** The files of an upload: those that are under way, and those that failed. */
import { CircleAlert, RotateCw, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "@/components/ui/icon-button";
import { useErrorText } from "@/lib/error-text";
import { shownPath } from "@/lib/shown-path";
import { visibleName } from "../names";
import type { UploadSession } from "./session";
import type { Upload } from "./work";

/** Nobody reads more; those that wait stand behind those that are sent. */
const SHOWN_MAX = 50;

const RANK: Record<Upload["state"], number> = {
  failed: 0,
  conflict: 1,
  sending: 2,
  waiting: 3,
  done: 4,
  skipped: 5,
};

interface UploadListProps {
  session: UploadSession;
  /** Not only those that failed. */
  all: boolean;
}

export function UploadList({ session, all }: UploadListProps) {
  const { t } = useTranslation("files");
  const wanted = session.uploads.filter(
    ({ state }) => state === "failed" || (all && state !== "skipped"),
  );
  const shown = wanted
    .sort((left, right) => RANK[left.state] - RANK[right.state])
    .slice(0, SHOWN_MAX);
  const more = wanted.length - shown.length;
  return (
    <ul aria-label={t("upload.files")} className="min-h-0 overflow-y-auto text-xs">
      {shown.map((upload) => (
        <UploadLine
          key={`${upload.path}:${upload.file.lastModified}`}
          session={session}
          upload={upload}
        />
      ))}
      {more > 0 ? <li className="text-ink-3">{t("upload.more", { count: more })}</li> : null}
    </ul>
  );
}

function UploadLine({ session, upload }: { session: UploadSession; upload: Upload }) {
  const { t } = useTranslation("files");
  const errorText = useErrorText();
  const name = visibleName(shownPath(upload.path));
  const fraction = upload.file.size === 0 ? 0 : upload.sent / upload.file.size;
  return (
    <li className="flex flex-col py-0.5">
      <div className="flex items-center gap-1">
        {upload.state === "failed" ? (
          <CircleAlert className="size-3.5 shrink-0 text-bad" aria-hidden />
        ) : null}
        <span className="min-w-0 flex-1 truncate" title={name}>
          <bdi>{name}</bdi>
        </span>
        <span className="text-ink-3">{t(`upload.state.${upload.state}`)}</span>
        {upload.state === "failed" ? (
          <IconButton label={t("upload.again", { name })} onClick={() => session.again(upload)}>
            <RotateCw />
          </IconButton>
        ) : null}
        {upload.state === "sending" || upload.state === "waiting" ? (
          <IconButton
            label={t("upload.cancelOne", { name })}
            onClick={() => session.cancel(upload)}
          >
            <X />
          </IconButton>
        ) : null}
      </div>
      {upload.error && upload.state === "failed" ? (
        <p role="alert" className="break-words text-bad">
          {errorText(upload.error)}
        </p>
      ) : null}
      {upload.state === "sending" ? (
        <progress className="h-1 w-full" value={fraction} max={1} aria-label={name} />
      ) : null}
    </li>
  );
}
