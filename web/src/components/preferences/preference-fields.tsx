/** Controls for settings, each bound to one key of a space of preferences. What is set takes effect at once. */
import { useState } from "react";
import { type PreferenceSpace, usePreferences } from "@/lib/preferences";
import { Select } from "../ui/select";
import { PreferenceRow } from "./preference-row";

interface FieldProps<Values extends object, Key extends keyof Values> {
  space: PreferenceSpace<Values>;
  name: Key;
  label: string;
  hint?: string;
}

function useKey<Values extends object, Key extends keyof Values>({
  space,
  name,
}: FieldProps<Values, Key>) {
  const [values, change] = usePreferences(space);
  const value = values[name];
  const set = (next: Values[Key] | undefined) =>
    change({ [name]: next } as { [K in keyof Values]?: Values[K] | undefined });
  const isDefault = Object.is(value, space.read(undefined)[name]);
  return { value, set, onReset: isDefault ? undefined : () => set(undefined) };
}

/** The names of the keys whose values are of a kind. */
type KeysOf<Values extends object, Kind> = {
  [Key in keyof Values]: Values[Key] extends Kind ? Key : never;
}[keyof Values];

export function SwitchPreference<Values extends object, Key extends KeysOf<Values, boolean>>(
  props: FieldProps<Values, Key>,
) {
  const { value, set, onReset } = useKey(props);
  return (
    <PreferenceRow label={props.label} hint={props.hint} onReset={onReset}>
      {(ids) => (
        <input
          {...ids}
          type="checkbox"
          role="switch"
          aria-checked={value === true}
          checked={value === true}
          onChange={(event) => set(event.target.checked as Values[Key])}
          className="relative h-5 w-9 cursor-pointer appearance-none rounded-full border border-line-strong bg-hover transition-colors before:absolute before:start-0.5 before:top-0.5 before:size-3.5 before:rounded-full before:bg-ink-2 checked:border-accent checked:bg-accent checked:before:start-[18px] checked:before:bg-accent-ink"
        />
      )}
    </PreferenceRow>
  );
}

interface NumberProps<Values extends object, Key extends keyof Values>
  extends FieldProps<Values, Key> {
  min: number;
  max: number;
  step?: number;
}

export function NumberPreference<Values extends object, Key extends KeysOf<Values, number>>(
  props: NumberProps<Values, Key>,
) {
  const { min, max, step = 1 } = props;
  const { value, set, onReset } = useKey(props);
  // What is being typed may be no number yet, or one that is not allowed.
  const [typed, setTyped] = useState<string>();
  return (
    <PreferenceRow label={props.label} hint={props.hint} onReset={onReset}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          dir="ltr"
          {...{ min, max, step }}
          value={typed ?? String(value)}
          onChange={(event) => {
            setTyped(event.target.value);
            const next = event.target.valueAsNumber;
            if (next >= min && next <= max) set(next as Values[Key]);
          }}
          onBlur={() => setTyped(undefined)}
          className="h-8 w-24 rounded-md border border-line-strong bg-surface px-2 text-end pointer-coarse:h-10"
        />
      )}
    </PreferenceRow>
  );
}

interface ChoiceProps<Values extends object, Key extends keyof Values>
  extends FieldProps<Values, Key> {
  /** Each value with its name, in the current language. */
  options: readonly (readonly [Values[Key] & string, string])[];
}

export function ChoicePreference<Values extends object, Key extends KeysOf<Values, string>>(
  props: ChoiceProps<Values, Key>,
) {
  const { value, set, onReset } = useKey(props);
  return (
    <PreferenceRow label={props.label} hint={props.hint} onReset={onReset}>
      {(ids) => (
        <Select
          {...ids}
          value={String(value)}
          onChange={(event) => set(event.target.value as Values[Key] & string)}
        >
          {props.options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </Select>
      )}
    </PreferenceRow>
  );
}

interface TextProps<Values extends object, Key extends keyof Values>
  extends FieldProps<Values, Key> {
  maxLength: number;
  placeholder?: string;
}

export function TextPreference<Values extends object, Key extends KeysOf<Values, string>>(
  props: TextProps<Values, Key>,
) {
  const { value, set, onReset } = useKey(props);
  const [typed, setTyped] = useState<string>();
  const finish = () => {
    if (typed !== undefined && typed !== value) set(typed.trim() as Values[Key] & string);
    setTyped(undefined);
  };
  return (
    <PreferenceRow label={props.label} hint={props.hint} onReset={onReset}>
      {(ids) => (
        <input
          {...ids}
          dir="ltr"
          maxLength={props.maxLength}
          placeholder={props.placeholder}
          value={typed ?? String(value)}
          onChange={(event) => setTyped(event.target.value)}
          onBlur={finish}
          onKeyDown={(event) => event.key === "Enter" && finish()}
          className="h-8 w-56 max-w-full rounded-md border border-line-strong bg-surface px-2 pointer-coarse:h-10"
        />
      )}
    </PreferenceRow>
  );
}
