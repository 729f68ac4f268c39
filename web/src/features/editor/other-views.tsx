/** What is shown of a file that is not edited as text. */
import { Binary, Download, FileQuestion, FileX } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { contentUrl } from "@/api/agent";
import { Button, buttonClass } from "@/components/ui/button";
import { currentLocale } from "@/lib/i18n";
import { shownPath } from "@/lib/shown-path";
import { decodeWindow, HEX_BYTES, hexRows, WINDOW_BYTES } from "./content";
import { type EditorFiles, failureOf } from "./files";

/** A number of bytes for people. */
function useBytes(): (bytes: number) => string {
  return (bytes) => {
    const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
    const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
    return new Intl.NumberFormat(currentLocale(), {
      style: "unit",
      unit: units[power],
      unitDisplay: power === 0 ? "long" : "short",
      maximumFractionDigits: power === 0 ? 0 : 1,
    }).format(bytes / 1000 ** power);
  };
}

function DownloadLink({ workspace, path }: { workspace: string; path: string }) {
  const { t } = useTranslation("workbench");
  return (
    <a href={contentUrl(workspace, path, true)} download className={buttonClass({})}>
      <Download aria-hidden />
      {t("files.download")}
    </a>
  );
}

function Message({ icon, children }: { icon: ReactNode; children: ReactNode }) {
  return (
    <div className="flex items-start gap-3 p-4 [&>svg]:mt-0.5 [&>svg]:size-5 [&>svg]:shrink-0 [&>svg]:text-ink-3">
      {icon}
      <div className="flex min-w-0 flex-1 flex-col items-start gap-3">{children}</div>
    </div>
  );
}

interface FileViewProps {
  workspace: string;
  path: string;
}

/** A file that is no text, or no valid UTF-8: size, download, and its first bytes. */
export function BinaryView(
  props: FileViewProps & { reason: "nul" | "utf8"; size: number; head: Uint8Array },
) {
  const { t } = useTranslation("workbench");
  const bytes = useBytes();
  return (
    <div className="h-full overflow-auto">
      <Message icon={<Binary aria-hidden />}>
        <p>{t(props.reason === "nul" ? "editor.binary" : "editor.notUtf8")}</p>
        <p className="text-ink-2">{bytes(props.size)}</p>
        <DownloadLink {...props} />
      </Message>
      <Hex bytes={props.head} cut={props.size > HEX_BYTES} />
    </div>
  );
}

function Hex({ bytes, cut }: { bytes: Uint8Array; cut: boolean }) {
  const { t } = useTranslation("workbench");
  if (bytes.length === 0) return null;
  return (
    <figure className="border-t px-4 py-3">
      <figcaption className="pb-2 text-ink-3 text-xs">
        {t(cut ? "editor.hexStart" : "editor.hex")}
      </figcaption>
      <pre dir="ltr" className="overflow-x-auto font-mono text-xs leading-5">
        {hexRows(bytes).map((row) => (
          <div key={row.offset} className="flex gap-4">
            <span className="text-ink-3">{row.offset}</span>
            <span className="w-[23ch]">{row.hex[0]}</span>
            <span className="w-[23ch]">{row.hex[1]}</span>
            <span className="text-ink-2">{row.text}</span>
          </div>
        ))}
      </pre>
    </figure>
  );
}

/** An image, from bytes: an SVG runs no script inside an <img>. */
export function ImageView(
  props: FileViewProps & {
    type: string;
    bytes: Uint8Array<ArrayBuffer>;
    onOpenAsText: () => void;
  },
) {
  const { t } = useTranslation("workbench");
  const size = useBytes();
  const [url, setUrl] = useState<string>();
  const [pixels, setPixels] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([props.bytes], { type: props.type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [props.bytes, props.type]);
  return (
    <div className="flex h-full flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-3 border-b px-4 py-1.5 text-ink-2">
        <span>{size(props.bytes.length)}</span>
        {pixels ? <bdi>{pixels}</bdi> : null}
        <span className="flex-1" />
        {props.type === "image/svg+xml" ? (
          <Button size="sm" onClick={props.onOpenAsText}>
            {t("editor.openAsText")}
          </Button>
        ) : null}
        <DownloadLink workspace={props.workspace} path={props.path} />
      </div>
      <div className="flex min-h-0 flex-1 items-center justify-center overflow-auto p-4">
        {url ? (
          <img
            src={url}
            alt={shownPath(props.path)}
            className="max-h-full max-w-full border object-contain [background:repeating-conic-gradient(var(--hover)_0_25%,var(--surface)_0_50%)_0_0/16px_16px]"
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
              setPixels(`${naturalWidth} × ${naturalHeight}`)
            }
          />
        ) : null}
      </div>
    </div>
  );
}

/** A file too large for the editor: a download, and its beginning on demand. */
export function LargeView(props: FileViewProps & { size: number; files: EditorFiles }) {
  const { t } = useTranslation("workbench");
  const size = useBytes();
  const [start, setStart] = useState<Uint8Array>();
  const [pending, setPending] = useState(false);
  const [failure, setFailure] = useState<string>();
  const decoded = start ? decodeWindow(start) : undefined;
  const read = async () => {
    setPending(true);
    setFailure(undefined);
    try {
      setStart(await props.files.readStart(props.path, WINDOW_BYTES));
    } catch (error) {
      setFailure(failureOf(error).message);
    }
    setPending(false);
  };
  return (
    <div className="h-full overflow-auto">
      <Message icon={<FileQuestion aria-hidden />}>
        <p>{t("editor.large", { size: size(props.size) })}</p>
        <span className="flex flex-wrap gap-2">
          <DownloadLink workspace={props.workspace} path={props.path} />
          {start ? null : (
            <Button onClick={() => void read()} pending={pending}>
              {t("editor.showStart", { size: size(WINDOW_BYTES) })}
            </Button>
          )}
        </span>
        {failure ? (
          <p role="alert" className="text-bad">
            {failure}
          </p>
        ) : null}
      </Message>
      {decoded?.kind === "text" ? (
        <section aria-label={t("editor.start", { size: size(WINDOW_BYTES) })} className="border-t">
          <pre dir="ltr" className="overflow-x-auto p-4 font-mono text-xs leading-5">
            {decoded.text}
          </pre>
        </section>
      ) : null}
      {start && decoded?.kind === "binary" ? <Hex bytes={start.slice(0, HEX_BYTES)} cut /> : null}
    </div>
  );
}

/** The tab's file is not there. */
export function AbsentView({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("workbench");
  return (
    <Message icon={<FileX aria-hidden />}>
      <p>{t("editor.absent")}</p>
      <Button onClick={onClose}>{t("editor.closeTab")}</Button>
    </Message>
  );
}

/** It could not be read. */
export function FailedView({ message, onRetry }: { message: string; onRetry: () => void }) {
  const { t } = useTranslation("workbench");
  return (
    <Message icon={<FileX aria-hidden />}>
      <p role="alert">{message}</p>
      <Button onClick={onRetry}>{t("editor.readAgain")}</Button>
    </Message>
  );
}
