/** A recording, played by the browser, which reads the parts that it needs. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { contentUrl } from "@/api/agent";
import { shownPath } from "@/lib/shown-path";
import { DownloadLink } from "../other-views";

interface MediaViewProps {
  workspace: string;
  path: string;
  kind: "audio" | "video";
}

export function MediaView({ workspace, path, kind }: MediaViewProps) {
  const { t } = useTranslation("editor");
  const [failed, setFailed] = useState(false);
  const media = {
    src: contentUrl(workspace, path),
    controls: true,
    preload: "metadata",
    "aria-label": shownPath(path),
    onError: () => setFailed(true),
  } as const;
  return (
    <div className="flex h-full flex-col items-center justify-center gap-4 p-4">
      {failed ? (
        <p role="alert">{t("media.failed")}</p>
      ) : kind === "audio" ? (
        <audio {...media} />
      ) : (
        <video {...media} className="min-h-0 max-w-full" />
      )}
      <DownloadLink workspace={workspace} path={path} />
    </div>
  );
}
