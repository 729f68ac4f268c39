/** The keys that a phone's keyboard lacks. */
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from "lucide-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { TerminalView } from "./terminal";

export function KeyBar({ view }: { view: TerminalView }) {
  const { t } = useTranslation("workbench");
  const [control, setControl] = useState(false);
  const toggleControl = () => {
    view.controlArmed = !control;
    view.onControlUsed = () => setControl(false);
    setControl(!control);
    view.focus();
  };
  return (
    <div
      role="toolbar"
      aria-label={t("terminal.keys")}
      dir="ltr"
      className="flex shrink-0 gap-1 overflow-x-auto border-t bg-canvas p-1 md:hidden"
    >
      <Key onPress={() => view.input("\x1b")}>Esc</Key>
      <Key onPress={() => view.input("\t")}>Tab</Key>
      <Key pressed={control} onPress={toggleControl}>
        Ctrl
      </Key>
      <Key label={t("terminal.keyLeft")} onPress={() => view.arrow("D")}>
        <ArrowLeft className="size-4" aria-hidden />
      </Key>
      <Key label={t("terminal.keyUp")} onPress={() => view.arrow("A")}>
        <ArrowUp className="size-4" aria-hidden />
      </Key>
      <Key label={t("terminal.keyDown")} onPress={() => view.arrow("B")}>
        <ArrowDown className="size-4" aria-hidden />
      </Key>
      <Key label={t("terminal.keyRight")} onPress={() => view.arrow("C")}>
        <ArrowRight className="size-4" aria-hidden />
      </Key>
    </div>
  );
}

interface KeyProps {
  /** The name of a key that is drawn; keys with a word need none. */
  label?: string;
  pressed?: boolean;
  onPress: () => void;
  children: ReactNode;
}

function Key({ label, pressed, onPress, children }: KeyProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      // The keyboard stays open: the focus does not leave the terminal.
      onPointerDown={(event) => event.preventDefault()}
      onClick={onPress}
      className={cn(
        "flex h-10 min-w-11 flex-1 items-center justify-center rounded-md border bg-surface px-2 font-mono text-xs",
        pressed && "border-accent bg-selected text-accent-text",
      )}
    >
      {children}
    </button>
  );
}
