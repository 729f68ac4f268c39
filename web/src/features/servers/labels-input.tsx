import type { RegisterOptions, UseFormRegisterReturn } from "react-hook-form";
import { useTranslation } from "react-i18next";
import { Field } from "@/components/ui/field";
import { parseLabels } from "./labels";

interface LabelsInputProps {
  /** The form's `register`. */
  field: (
    name: "labels",
    options: RegisterOptions<{ labels: string }, "labels">,
  ) => UseFormRegisterReturn;
  error: string | undefined;
}

/** Labels, one `key=value` a line. */
export function LabelsInput({ field, error }: LabelsInputProps) {
  const { t } = useTranslation("servers");
  const validate = (text: string) => {
    const parsed = parseLabels(text);
    return "labels" in parsed || t("field.labelWrong", { line: parsed.wrong });
  };
  return (
    <Field label={t("field.labels")} error={error} hint={t("field.labelsHint")}>
      {(control) => (
        <textarea
          {...control}
          {...field("labels", { validate })}
          dir="ltr"
          rows={3}
          spellCheck={false}
          placeholder={"region=eu\ngpu=yes"}
          className="w-full resize-y rounded-md border border-line-strong bg-surface px-2.5 py-1.5 font-mono text-ink text-sm placeholder:text-ink-3 aria-invalid:border-bad"
        />
      )}
    </Field>
  );
}
