import { RotateCcw } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { IconButton } from "../ui/icon-button";

interface PreferenceRowProps {
  label: string;
  hint?: string | undefined;
  /** Brings the default back; absent where it is the default. */
  onReset?: (() => void) | undefined;
  /** The control, with the ids that name and describe it. */
  children: (ids: { id: string; "aria-describedby": string | undefined }) => ReactNode;
}

/** One setting: its name and what it does at the start side, its control at the end side. */
export function PreferenceRow({ label, hint, onReset, children }: PreferenceRowProps) {
  const { t } = useTranslation();
  const id = useId();
  const note = `${id}-hint`;
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-x-4 gap-y-1 border-b py-1.5 last:border-b-0">
      <div className="min-w-40 flex-1">
        <label htmlFor={id}>{label}</label>
        {hint ? (
          <p id={note} className="text-ink-2 text-xs">
            {hint}
          </p>
        ) : null}
      </div>
      <div className="flex items-center gap-1">
        {children({ id, "aria-describedby": hint ? note : undefined })}
        <span className={onReset ? undefined : "invisible"}>
          <IconButton
            label={t("preferences.reset", { label })}
            onClick={() => onReset?.()}
            tabIndex={onReset ? 0 : -1}
          >
            <RotateCcw />
          </IconButton>
        </span>
      </div>
    </div>
  );
}
