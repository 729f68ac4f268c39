/** What is shown of a file that is not edited as text. */
import { Binary, Download, FileX } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { contentUrl } from "@/api/agent";
import { Button, buttonClass } from "@/components/ui/button";
import type { BinaryReason } from "./text/read-text";

export function DownloadLink({ workspace, path }: { workspace: string; path: string }) {
  const { t } = useTranslation("workbench");
  return (
    <a href={contentUrl(workspace, path, true)} download className={buttonClass({ size: "sm" })}>
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

interface BinaryViewProps {
  reason: BinaryReason;
  /** Asks which encoding the bytes are of. */
  onEncoding: () => void;
  /** The bytes themselves. */
  children: ReactNode;
}

/** A file that is no text, or none of an encoding that shows: why, its ways out, and its bytes. */
export function BinaryView({ reason, onEncoding, children }: BinaryViewProps) {
  const { t } = useTranslation(["editor", "workbench"]);
  return (
    <div className="flex h-full min-h-0 flex-col">
      <Message icon={<Binary aria-hidden />}>
        <p>
          {reason === "encoding"
            ? t("encoding.wrong")
            : t(reason === "nul" ? "editor.binary" : "editor.notUtf8", { ns: "workbench" })}
        </p>
        <Button size="sm" onClick={onEncoding}>
          {t("encoding.openWith")}
        </Button>
      </Message>
      <div className="min-h-0 flex-1 border-t">{children}</div>
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
