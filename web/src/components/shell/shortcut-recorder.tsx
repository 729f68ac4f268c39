import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { ownerOf, useBindings } from "@/lib/bindings";
import type { Command } from "@/lib/commands";
import { shortcutKeys, shortcutOf, unfitKeys } from "@/lib/keys";
import { Button } from "../ui/button";

interface RecorderProps {
  command: Command;
  /** All that there is, to find who has the keys already. */
  commands: readonly Command[];
  onDone: () => void;
}

/** Takes the next keys for a command; says who has them, or why they cannot be had. */
export function ShortcutRecorder({ command, commands, onDone }: RecorderProps) {
  const { t } = useTranslation("shortcuts");
  const { bindings, bind } = useBindings();
  const [pressed, setPressed] = useState<string>();
  const unfit = pressed === undefined ? undefined : unfitKeys(pressed);
  const owner = pressed === undefined ? undefined : ownerOf(pressed, command, commands, bindings);
  const keys = pressed === undefined ? "" : shortcutKeys(pressed).join(" ");

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Tab") return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") {
      onDone();
      return;
    }
    const next = shortcutOf(event.nativeEvent);
    if (next === undefined) return;
    if (!unfitKeys(next) && !ownerOf(next, command, commands, bindings)) {
      bind(command, next, undefined);
      onDone();
    } else setPressed(next);
  };

  return (
    <div className="flex flex-col gap-1.5 py-1">
      <input
        // biome-ignore lint/a11y/noAutofocus: a person has just asked to press keys here.
        autoFocus
        readOnly
        data-keys="record"
        dir="ltr"
        value={keys}
        placeholder={t("press")}
        aria-label={t("pressFor", { title: command.title })}
        aria-describedby="shortcut-verdict"
        onKeyDown={onKeyDown}
        className="h-8 w-full rounded-md border border-accent bg-surface px-2 placeholder:text-ink-2"
      />
      <div id="shortcut-verdict" aria-live="polite" className="flex flex-wrap items-center gap-2">
        {unfit ? <p className="text-bad text-xs">{t(`unfit.${unfit}`, { keys })}</p> : null}
        {!unfit && owner && pressed !== undefined ? (
          <>
            <p className="text-warn text-xs">{t("taken", { keys, title: owner.title })}</p>
            <Button
              size="sm"
              onClick={() => {
                bind(command, pressed, owner);
                onDone();
              }}
            >
              {t("take")}
            </Button>
          </>
        ) : null}
      </div>
    </div>
  );
}
