/** An image, from bytes: an SVG runs no script inside an <img>. */
import { ZoomIn, ZoomOut } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { cn } from "@/lib/cn";
import { currentLocale } from "@/lib/i18n";
import { numberFormat } from "@/lib/intl";
import { shownPath } from "@/lib/shown-path";
import { formatBytes } from "../bytes-text";
import { DownloadLink } from "../other-views";

interface ImageViewProps {
  workspace: string;
  path: string;
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
  onOpenAsText: () => void;
}

const ZOOMS = [0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12, 16];

export function ImageView(props: ImageViewProps) {
  const { t } = useTranslation(["editor", "workbench"]);
  const [url, setUrl] = useState<string>();
  const [pixels, setPixels] = useState<{ width: number; height: number }>();
  /** Nothing: it fits the view. */
  const [zoom, setZoom] = useState<number>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([props.bytes], { type: props.type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [props.bytes, props.type]);
  const step = (by: 1 | -1) => {
    const now = zoom ?? 1;
    const next = by === 1 ? ZOOMS.find((one) => one > now) : ZOOMS.findLast((one) => one < now);
    if (next !== undefined) setZoom(next);
  };
  const percent = numberFormat(currentLocale(), { style: "percent" });
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-1.5 text-ink-2">
        <span>{formatBytes(props.bytes.length)}</span>
        {pixels ? <bdi>{`${pixels.width} × ${pixels.height}`}</bdi> : null}
        <span className="flex items-center gap-1">
          <IconButton label={t("image.zoomOut")} onClick={() => step(-1)}>
            <ZoomOut />
          </IconButton>
          <output className="min-w-12 text-center tabular-nums">
            {zoom === undefined ? t("image.fitted") : percent.format(zoom)}
          </output>
          <IconButton label={t("image.zoomIn")} onClick={() => step(1)}>
            <ZoomIn />
          </IconButton>
          <Button size="sm" aria-pressed={zoom === undefined} onClick={() => setZoom(undefined)}>
            {t("image.fit")}
          </Button>
          <Button size="sm" aria-pressed={zoom === 1} onClick={() => setZoom(1)}>
            {t("image.actual")}
          </Button>
        </span>
        <span className="flex-1" />
        {props.type === "image/svg+xml" ? (
          <Button size="sm" onClick={props.onOpenAsText}>
            {t("editor.openAsText", { ns: "workbench" })}
          </Button>
        ) : null}
        <DownloadLink workspace={props.workspace} path={props.path} />
      </div>
      <div
        className={cn(
          "grid min-h-0 flex-1 overflow-auto p-4",
          zoom === undefined ? "place-items-center" : "place-items-start justify-center-safe",
        )}
      >
        {url ? (
          <img
            src={url}
            alt={shownPath(props.path)}
            className={cn(
              "border [background:repeating-conic-gradient(var(--hover)_0_25%,var(--surface)_0_50%)_0_0/16px_16px]",
              zoom === undefined ? "max-h-full min-h-0 max-w-full object-contain" : "max-w-none",
              zoom !== undefined && zoom > 2 && "[image-rendering:pixelated]",
            )}
            style={zoom === undefined || !pixels ? {} : { width: pixels.width * zoom }}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setPixels({ width: naturalWidth, height: naturalHeight })
            }
          />
        ) : null}
      </div>
    </div>
  );
}
