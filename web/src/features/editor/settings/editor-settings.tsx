/** What a person can set of the editor. A lazy chunk: shown in a dialog and on the settings page. */
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Field, Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import {
  AUTOSAVE_MODES,
  EDITOR_THEMES,
  type EditorSettings,
  FONT_SIZE,
  KEYMAPS,
  useEditorSettings,
} from "./settings";

const TAB_SIZES = [1, 2, 3, 4, 6, 8] as const;
const SWITCHES = [
  "insertSpaces",
  "wordWrap",
  "minimap",
  "stickyScroll",
  "breadcrumbs",
  "ligatures",
  "formatOnSave",
] as const satisfies readonly (keyof EditorSettings)[];

export function EditorSettingsForm() {
  const { t } = useTranslation("editor");
  const [settings, change] = useEditorSettings();
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Field label={t("settings.fontFamily")} hint={t("settings.fontFamilyHint")}>
          {(control) => (
            <Input
              {...control}
              dir="ltr"
              maxLength={100}
              defaultValue={settings.fontFamily}
              placeholder="IBM Plex Mono"
              onBlur={({ target }) => change({ fontFamily: target.value.trim() })}
            />
          )}
        </Field>
        <Field label={t("settings.fontSize")}>
          {(control) => (
            <Input
              {...control}
              type="number"
              min={FONT_SIZE.min}
              max={FONT_SIZE.max}
              value={settings.fontSize}
              onChange={({ target }) => {
                const fontSize = target.valueAsNumber;
                if (fontSize >= FONT_SIZE.min && fontSize <= FONT_SIZE.max) change({ fontSize });
              }}
            />
          )}
        </Field>
        <ChoiceField
          label={t("settings.theme.label")}
          value={settings.theme}
          options={EDITOR_THEMES.map((theme) => [theme, t(`settings.theme.${theme}`)])}
          onChange={(theme) => change({ theme })}
        />
        <ChoiceField
          label={t("settings.tabSize")}
          value={String(settings.tabSize)}
          options={TAB_SIZES.map((size) => [String(size), String(size)])}
          onChange={(size) => change({ tabSize: Number(size) })}
        />
        <ChoiceField
          label={t("settings.keymap.label")}
          value={settings.keymap}
          options={KEYMAPS.map((keymap) => [keymap, t(`settings.keymap.${keymap}`)])}
          onChange={(keymap) => change({ keymap })}
        />
        <ChoiceField
          label={t("settings.autosave.label")}
          value={settings.autosave}
          options={AUTOSAVE_MODES.map((mode) => [mode, t(`settings.autosave.${mode}`)])}
          onChange={(autosave) => change({ autosave })}
        />
        <ChoiceField
          label={t("settings.autosave.servers")}
          value={settings.autosaveOnServers}
          options={AUTOSAVE_MODES.map((mode) => [mode, t(`settings.autosave.${mode}`)])}
          onChange={(autosaveOnServers) => change({ autosaveOnServers })}
        />
      </div>
      <div className="grid gap-x-4 gap-y-2 sm:grid-cols-2">
        {SWITCHES.map((name) => (
          <Switch
            key={name}
            label={t(`settings.${name}`)}
            checked={settings[name]}
            onChange={(checked) => change({ [name]: checked })}
          />
        ))}
      </div>
      <p className="text-ink-3 text-xs">{t("settings.project")}</p>
    </div>
  );
}

interface ChoiceFieldProps<Value extends string> {
  label: string;
  value: Value;
  options: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}

function ChoiceField<Value extends string>(props: ChoiceFieldProps<Value>) {
  const { label, value, options, onChange } = props;
  return (
    <Field label={label}>
      {(control) => (
        <Select
          {...control}
          className="w-full"
          value={value}
          onChange={({ target }) => {
            const chosen = options.find(([option]) => option === target.value);
            if (chosen) onChange(chosen[0]);
          }}
        >
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
}

interface SwitchProps {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Switch({ label, checked, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <input
        id={id}
        type="checkbox"
        className="size-4 accent-accent"
        checked={checked}
        onChange={({ target }) => onChange(target.checked)}
      />
      <label htmlFor={id}>{label}</label>
    </div>
  );
}
