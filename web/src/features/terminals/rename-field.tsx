/** A terminal's name while it is being changed: Enter or leaving keeps it, Escape does not. */
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";

/** The API's bound on a terminal's name. */
const NAME_CHARACTERS_MAX = 100;

interface RenameFieldProps {
  name: string;
  /** The new name; undefined when it is to stay. */
  onDone: (name: string | undefined) => void;
}

export function RenameField({ name, onDone }: RenameFieldProps) {
  const { t } = useTranslation("workbench");
  const [value, setValue] = useState(name);
  const done = useRef(false);
  const finish = (next: string | undefined) => {
    if (done.current) return;
    done.current = true;
    const trimmed = next?.trim();
    onDone(trimmed && trimmed !== name ? trimmed : undefined);
  };
  return (
    <input
      // The person has just asked to type here.
      ref={(input) => input?.focus()}
      value={value}
      maxLength={NAME_CHARACTERS_MAX}
      aria-label={t("terminal.name")}
      className="h-6 w-36 rounded-sm border border-accent bg-surface px-1.5 outline-none"
      onFocus={(event) => event.target.select()}
      onChange={(event) => setValue(event.target.value)}
      onBlur={() => finish(value)}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.key === "Enter") finish(value);
        if (event.key === "Escape") finish(undefined);
      }}
    />
  );
}
