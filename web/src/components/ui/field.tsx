import { type ComponentProps, type ReactNode, useId } from "react";
import { cn } from "@/lib/cn";

const CONTROL =
  "w-full rounded-md border border-line-strong bg-surface px-2.5 text-ink text-sm placeholder:text-ink-3 aria-invalid:border-bad disabled:opacity-50";

/** A one-line input. Give it a label through {@link Field}. */
export function Input({ className, ...props }: ComponentProps<"input">) {
  return <input {...props} className={cn(CONTROL, "h-8", className)} />;
}

interface FieldProps {
  label: string;
  /** What is wrong with the value; replaces the hint. */
  error?: string | undefined;
  hint?: ReactNode;
  className?: string;
  /** Gets the ids that tie the control to its label, hint and error. */
  children: (control: {
    id: string;
    "aria-invalid": boolean;
    "aria-describedby": string | undefined;
  }) => ReactNode;
}

/** A label, a control, and its hint or error. */
export function Field({ label, error, hint, className, children }: FieldProps) {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className={cn("flex flex-col gap-1", className)}>
      <label htmlFor={id} className="font-medium text-ink-2 text-xs">
        {label}
      </label>
      {children({
        id,
        "aria-invalid": error !== undefined,
        "aria-describedby": error || hint ? note : undefined,
      })}
      {error ? (
        <p id={note} role="alert" className="text-bad text-xs">
          <bdi>{error}</bdi>
        </p>
      ) : hint ? (
        <p id={note} className="text-ink-3 text-xs">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
