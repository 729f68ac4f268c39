import type { FieldValues, Path, UseFormReturn } from "react-hook-form";
import { ApiError } from "@/api/errors";

/**
 * Puts what the server refused beside the field that it names, and the focus there. What names no
 * field of the form stands under `root`, for the form's own error line.
 *
 * `fields` maps the server's dotted paths to the form's names, where they differ.
 */
export function setServerError<Values extends FieldValues>(
  form: UseFormReturn<Values>,
  error: unknown,
  text: (error: unknown) => string,
  fields: Partial<Record<string, Path<Values>>> = {},
): void {
  const message = text(error);
  const named = error instanceof ApiError ? error.field : undefined;
  const name = named === undefined ? undefined : (fields[named] ?? named);
  if (name !== undefined && name in form.getValues()) {
    form.setError(name as Path<Values>, { type: "server", message }, { shouldFocus: true });
  } else {
    form.setError("root", { type: "server", message });
  }
}
