/** How terminals look and behave. Every change is seen at once, and on every device. */
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/components/ui/button";
import { Dialog, DialogBody, DialogFooter } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { Select } from "@/components/ui/select";
import { usePreferences } from "@/lib/preferences";
import {
  FONT_SIZE,
  SCROLLBACK,
  TERMINAL_PREFERENCES,
  type TerminalPreferences,
  THEMES,
} from "./preferences";

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("terminals");
  const [values, change] = usePreferences(TERMINAL_PREFERENCES);
  const number = (
    key: "fontSize" | "scrollback",
    label: string,
    { min, max }: { min: number; max: number },
    step: number,
  ) => (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="number"
          min={min}
          max={max}
          step={step}
          defaultValue={values[key]}
          onChange={(event) => {
            const next = event.target.valueAsNumber;
            if (Number.isInteger(next) && next >= min && next <= max)
              change({ [key]: next } as Partial<TerminalPreferences>);
          }}
        />
      )}
    </Field>
  );
  const choice = <Key extends "theme" | "font" | "lineHeight" | "cursor" | "bell">(
    key: Key,
    label: string,
    options: readonly [TerminalPreferences[Key], string][],
  ) => (
    <Field label={label}>
      {(control) => (
        <Select
          {...control}
          value={values[key]}
          onChange={(event) =>
            change({ [key]: event.target.value } as Partial<TerminalPreferences>)
          }
        >
          {options.map(([value, name]) => (
            <option key={value} value={value}>
              {name}
            </option>
          ))}
        </Select>
      )}
    </Field>
  );
  const toggle = (
    key: "cursorBlink" | "copyOnSelect" | "pasteGuard" | "images" | "commandMarks",
    label: string,
    hint?: ReactNode,
  ) => (
    <label className="flex items-start gap-2 text-sm">
      <input
        type="checkbox"
        className="mt-0.5"
        checked={values[key]}
        onChange={(event) =>
          change({ [key]: event.target.checked } as Partial<TerminalPreferences>)
        }
      />
      <span>
        {label}
        {hint ? <span className="block text-ink-3 text-xs">{hint}</span> : null}
      </span>
    </label>
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={t("settings.title")}
      description={t("settings.description")}
      className="sm:max-w-lg"
    >
      <DialogBody className="flex flex-col gap-4">
        <div className="grid grid-cols-2 gap-3">
          {choice(
            "theme",
            t("settings.theme"),
            THEMES.map((theme) => [theme, t(`theme.${theme}`)]),
          )}
          {number("fontSize", t("settings.fontSize"), FONT_SIZE, 1)}
          {choice("font", t("settings.font"), [
            ["plex", "IBM Plex Mono"],
            ["system", t("settings.systemFont")],
          ])}
          {choice("lineHeight", t("settings.lineHeight"), [
            ["compact", t("settings.compact")],
            ["normal", t("settings.normal")],
            ["wide", t("settings.wide")],
          ])}
          {choice("cursor", t("settings.cursor"), [
            ["block", t("settings.block")],
            ["bar", t("settings.bar")],
            ["underline", t("settings.underline")],
          ])}
          {choice("bell", t("settings.bell"), [
            ["none", t("settings.bellNone")],
            ["visual", t("settings.bellVisual")],
            ["sound", t("settings.bellSound")],
          ])}
          {number("scrollback", t("settings.scrollback"), SCROLLBACK, 100)}
        </div>
        <div className="flex flex-col gap-2">
          {toggle("cursorBlink", t("settings.cursorBlink"))}
          {toggle("copyOnSelect", t("settings.copyOnSelect"))}
          {toggle("pasteGuard", t("settings.pasteGuard"), t("settings.pasteGuardHint"))}
          {toggle("commandMarks", t("settings.commandMarks"))}
          {toggle("images", t("settings.images"), t("settings.imagesHint"))}
        </div>
      </DialogBody>
      <DialogFooter>
        <Button variant="primary" onClick={onClose}>
          {t("settings.done")}
        </Button>
      </DialogFooter>
    </Dialog>
  );
}
