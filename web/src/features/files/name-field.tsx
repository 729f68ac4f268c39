/** A name being typed in the tree: for a new entry, or in place of an old name. */
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type NameFault, nameFault } from "./paths";

interface NameFieldProps {
  label: string;
  initial: string;
  /** Whether another entry of the folder has this name. */
  taken: (name: string) => boolean;
  /** Saves it. Stays open when that fails. */
  onSubmit: (name: string) => Promise<boolean>;
  onCancel: () => void;
}

export function NameField({ label, initial, taken, onSubmit, onCancel }: NameFieldProps) {
  const { t } = useTranslation("workbench");
  const [name, setName] = useState(initial);
  const [touched, setTouched] = useState(false);
  const [pending, setPending] = useState(false);
  const fault: NameFault | undefined =
    name === initial && initial !== "" ? undefined : nameFault(name, taken);
  const shown = touched && fault !== undefined && fault !== "empty" ? fault : undefined;

  const submit = async () => {
    if (pending) return;
    if (name === initial || name === "") return onCancel();
    if (fault) return setTouched(true);
    setPending(true);
    const done = await onSubmit(name);
    setPending(false);
    if (done) onCancel();
  };

  return (
    <span className="relative flex min-w-0 flex-1">
      <input
        ref={(input) => focusName(input)}
        dir="auto"
        value={name}
        aria-label={label}
        aria-invalid={shown !== undefined}
        readOnly={pending}
        spellCheck={false}
        className="h-6 w-full min-w-0 rounded-sm border border-accent bg-surface px-1 outline-none aria-invalid:border-bad"
        onChange={(event) => {
          setName(event.target.value);
          setTouched(true);
        }}
        onBlur={() => void submit()}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === "Enter") void submit();
          if (event.key === "Escape") onCancel();
        }}
        onClick={(event) => event.stopPropagation()}
        onDoubleClick={(event) => event.stopPropagation()}
      />
      {shown ? (
        <span
          role="alert"
          className="absolute inset-x-0 top-full z-20 rounded-b-sm border border-bad bg-bad-soft px-1.5 py-0.5 text-bad text-xs"
        >
          {t(`files.fault.${shown}`)}
        </span>
      ) : null}
    </span>
  );
}

/** Focuses once, with the part before the extension selected, as people change that. */
function focusName(input: HTMLInputElement | null): void {
  if (!input || document.activeElement === input || input.dataset.focused) return;
  input.dataset.focused = "yes";
  input.focus();
  const dot = input.value.lastIndexOf(".");
  input.setSelectionRange(0, dot > 0 ? dot : input.value.length);
}
