import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/components/page";
import { useAppearance } from "@/lib/appearance";
import { currentLanguage, LANGUAGES, type Language } from "@/lib/i18n";
import type { Theme } from "@/lib/theme";

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-medium text-ink-2 text-xs">{label}</legend>
      <div className="flex flex-wrap gap-2">
        {options.map(([option, text]) => (
          <label
            key={option}
            className="flex h-8 pointer-coarse:h-10 cursor-pointer items-center rounded-md border border-line-strong px-3 hover:bg-hover has-checked:border-accent has-checked:bg-selected has-checked:font-medium has-checked:text-accent-text has-focus-visible:outline-2 has-focus-visible:outline-focus"
          >
            <input
              type="radio"
              name={name}
              className="sr-only"
              checked={option === value}
              onChange={() => onChange(option)}
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** Theme and language. */
export function AppearanceSection() {
  const { t } = useTranslation("settings");
  return (
    <Section id="appearance" title={t("appearance.title")} description={t("appearance.detail")}>
      <AppearanceFields />
    </Section>
  );
}

export function AppearanceFields() {
  const { t } = useTranslation("settings");
  const { theme, chooseTheme, chooseLanguage } = useAppearance();
  return (
    <div className="flex flex-col gap-4">
      <Choice<Theme>
        label={t("theme.label", { ns: "common" })}
        value={theme}
        options={(["system", "light", "dark"] as const).map(
          (value) => [value, t(`theme.${value}`, { ns: "common" })] as const,
        )}
        onChange={chooseTheme}
      />
      <Choice<Language>
        label={t("language.label", { ns: "common" })}
        value={currentLanguage()}
        options={Object.entries(LANGUAGES) as [Language, string][]}
        onChange={chooseLanguage}
      />
    </div>
  );
}
