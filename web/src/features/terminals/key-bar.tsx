/** The keys that a phone's keyboard lacks. */
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp, ClipboardPaste, History } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { TerminalView } from "./terminal";

/** Signs that take a change of the keyboard, and that every command line needs. */
const SIGNS = ["|", "~", "/", "-"] as const;

interface KeyBarProps {
  view: TerminalView;
  /** Absent where there is no history to search. */
  onHistory?: () => void;
}

export function KeyBar({ view, onHistory }: KeyBarProps) {
  const { t } = useTranslation("workbench");
  const { t: tt } = useTranslation("terminals");
  const [armed, setArmed] = useState({ control: false, alt: false });
  useEffect(() => {
    view.armed.onChange = () => setArmed({ control: view.armed.control, alt: view.armed.alt });
    return () => {
      view.armed.onChange = () => {};
    };
  }, [view]);
  const toggle = (key: "control" | "alt") => {
    view.armed.toggle(key);
    view.focus();
  };
  return (
    <div
      role="toolbar"
      aria-label={t("terminal.keys")}
      dir="ltr"
      className="flex shrink-0 gap-1 overflow-x-auto border-t bg-canvas p-1 [scrollbar-width:none] md:hidden"
    >
      <Key onPress={() => view.input("\x1b")}>Esc</Key>
      <Key onPress={() => view.input("\t")}>Tab</Key>
      <Key pressed={armed.control} onPress={() => toggle("control")}>
        Ctrl
      </Key>
      <Key pressed={armed.alt} onPress={() => toggle("alt")}>
        Alt
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
      {SIGNS.map((sign) => (
        <Key key={sign} onPress={() => view.input(sign)}>
          {sign}
        </Key>
      ))}
      <Key label={t("terminal.paste")} onPress={() => void view.paste()}>
        <ClipboardPaste className="size-4" aria-hidden />
      </Key>
      {onHistory ? (
        <Key label={tt("history.open")} onPress={onHistory}>
          <History className="size-4" aria-hidden />
        </Key>
      ) : null}
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
        "flex h-10 min-w-10 flex-1 shrink-0 items-center justify-center rounded-md border bg-surface px-2 font-mono text-xs",
        pressed && "border-accent bg-selected text-accent-text",
      )}
    >
      {children}
    </button>
  );
}
