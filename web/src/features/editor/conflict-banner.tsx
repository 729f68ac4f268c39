/** What stands above the text when the disk, or the way to it, is not as it should be. */
import { CloudOff, FileWarning, FileX, Info, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { type DocumentState, inConflict, mayRetry } from "./document";
import type { AutosaveMode } from "./openFile";

interface ConflictBannerProps {
  document: DocumentState;
  autosave: AutosaveMode;
  onMerge: () => void;
  onCompare: () => void;
  onOverwrite: () => void;
  onTakeTheirs: () => void;
  onSave: () => void;
  /** Asks for an encoding that has every character. */
  onEncoding: () => void;
  onDismiss: () => void;
}

export function ConflictBanner(props: ConflictBannerProps) {
  const { document } = props;
  const { t } = useTranslation(["workbench", "editor"]);
  if (inConflict(document)) {
    return (
      <Banner icon={FileWarning} tone="warn" text={t("editor.conflict")}>
        <Button size="sm" variant="primary" onClick={props.onMerge}>
          {t("editor:merge.open")}
        </Button>
        <Button size="sm" onClick={props.onCompare}>
          {t("editor.compare")}
        </Button>
        <Button size="sm" onClick={props.onOverwrite}>
          {t("editor.overwrite")}
        </Button>
        <Button size="sm" onClick={props.onTakeTheirs}>
          {t("editor.takeTheirs")}
        </Button>
      </Banner>
    );
  }
  if (document.failure) {
    const { code, message, character, line } = document.failure;
    if (code === "encoding" || code === "inexact") {
      const text =
        code === "encoding"
          ? t("editor:encoding.lacks", { encoding: message, character, line })
          : t("editor:encoding.inexact", { encoding: message });
      return (
        <Banner icon={FileWarning} tone="bad" text={text}>
          <Button size="sm" onClick={props.onEncoding}>
            {t("editor:encoding.saveWith")}
          </Button>
        </Banner>
      );
    }
    // Where no server has spoken, the words are ours.
    const reason = code === "network" ? t("error.network", { ns: "common" }) : message;
    const again = props.autosave === "delay" && mayRetry(document.failure);
    const kept = again ? ` ${t("editor.saveRetrying")}` : "";
    return (
      <Banner icon={CloudOff} tone="bad" text={t("editor.saveFailed", { reason }) + kept}>
        <Button size="sm" onClick={props.onSave}>
          {t("editor.saveAgain")}
        </Button>
      </Banner>
    );
  }
  if (document.disk.kind === "deleted") {
    return (
      <Banner icon={FileX} tone="warn" text={t("editor.deleted")}>
        <Button size="sm" onClick={props.onSave}>
          {t("editor.recreate")}
        </Button>
      </Banner>
    );
  }
  if (document.notice) {
    return (
      <Banner icon={Info} tone="info" text={t(`editor:notice.${document.notice}`)}>
        <Button size="sm" onClick={props.onDismiss}>
          {t("editor:notice.dismiss")}
        </Button>
      </Banner>
    );
  }
  return null;
}

const TONES = {
  warn: { bar: "bg-warn-soft", icon: "text-warn" },
  bad: { bar: "bg-bad-soft", icon: "text-bad" },
  info: { bar: "bg-canvas", icon: "text-info" },
} as const;

interface BannerProps {
  icon: LucideIcon;
  tone: keyof typeof TONES;
  text: string;
  children: ReactNode;
}

function Banner({ icon: Icon, tone, text, children }: BannerProps) {
  return (
    <div
      role={tone === "info" ? "status" : "alert"}
      className={cn(
        "flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1.5",
        TONES[tone].bar,
      )}
    >
      <p className="flex min-w-48 flex-1 items-start gap-2">
        <Icon className={cn("mt-0.5 size-4 shrink-0", TONES[tone].icon)} aria-hidden />
        {text}
      </p>
      <span className="flex flex-wrap gap-2">{children}</span>
    </div>
  );
}
