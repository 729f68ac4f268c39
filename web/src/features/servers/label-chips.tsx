import { useTranslation } from "react-i18next";
import { labelText } from "./labels";

interface LabelChipsProps {
  labels: Record<string, string> | undefined;
  /** Narrows the list to a label. */
  onPick: (label: string) => void;
}

/** A server's labels; each narrows the list to those that have it. */
export function LabelChips({ labels, onPick }: LabelChipsProps) {
  const { t } = useTranslation("servers");
  return (
    <span className="flex min-w-0 flex-wrap gap-1">
      {Object.entries(labels ?? {}).map(([key, value]) => {
        const label = labelText(key, value);
        return (
          <button
            key={key}
            type="button"
            title={t("filter.withLabel", { label })}
            onClick={() => onPick(label)}
            className="max-w-40 truncate rounded-sm border bg-canvas px-1.5 font-mono text-ink-2 text-xs leading-5 hover:bg-hover hover:text-ink"
          >
            <bdi dir="ltr">{label}</bdi>
          </button>
        );
      })}
    </span>
  );
}
