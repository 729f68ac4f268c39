/** What stands above the text when the disk, or the way to it, is not as it should be. */
import { CloudOff, FileWarning, FileX, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { type DocumentState, inConflict, mayRetry } from "./document";

interface ConflictBannerProps {
  document: DocumentState;
  autosave: boolean;
  onCompare: () => void;
  onOverwrite: () => void;
  onTakeTheirs: () => void;
  onSave: () => void;
}

export function ConflictBanner(props: ConflictBannerProps) {
  const { document } = props;
  const { t } = useTranslation("workbench");
  if (inConflict(document)) {
    return (
      <Banner icon={FileWarning} tone="warn" text={t("editor.conflict")}>
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
    const { code, message } = document.failure;
    // Where no server has spoken, the words are ours.
    const reason = code === "network" ? t("error.network", { ns: "common" }) : message;
    const again = props.autosave && mayRetry(document.failure);
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
  return null;
}

interface BannerProps {
  icon: LucideIcon;
  tone: "warn" | "bad";
  text: string;
  children: ReactNode;
}

function Banner({ icon: Icon, tone, text, children }: BannerProps) {
  return (
    <div
      role="alert"
      className={cn(
        "flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b px-3 py-1.5",
        tone === "warn" ? "bg-warn-soft" : "bg-bad-soft",
      )}
    >
      <p className="flex min-w-48 flex-1 items-start gap-2">
        <Icon
          className={cn("mt-0.5 size-4 shrink-0", tone === "warn" ? "text-warn" : "text-bad")}
          aria-hidden
        />
        {text}
      </p>
      <span className="flex flex-wrap gap-2">{children}</span>
    </div>
  );
}
