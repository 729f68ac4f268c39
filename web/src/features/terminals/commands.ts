/** The terminals' actions in the command palette. */
import { useTranslation } from "react-i18next";
import { useCommands } from "@/lib/commands";
import type { Terminal } from "./queries";
import { useTerminals } from "./store";
import type { TerminalView } from "./terminal";

interface TerminalCommandsInput {
  terminals: readonly Terminal[];
  active: Terminal | undefined;
  view: () => TerminalView | undefined;
  reveal: () => void;
  show: (terminal: Terminal) => void;
  makeNew: () => void;
  close: (terminal: Terminal) => void;
  restart: (terminal: Terminal) => void;
  rename: (terminal: Terminal) => void;
  search: (terminal: Terminal) => void;
}

export function useTerminalCommands(input: TerminalCommandsInput): void {
  const { t } = useTranslation("workbench");
  const { active, terminals } = input;
  const screenReader = useTerminals((state) => state.screenReader);
  const section = t("section.terminal");
  const none = active ? undefined : t("terminal.none");
  const withActive = (act: (terminal: Terminal) => void) => () => {
    if (!active) return;
    input.reveal();
    act(active);
  };
  const step = (by: number) => () => {
    const at = terminals.findIndex(({ id }) => id === active?.id);
    const next = terminals[(at + by + terminals.length) % terminals.length];
    if (next) input.show(next);
  };
  const onActive = (id: string, title: string, act: (terminal: Terminal) => void) => ({
    id,
    title,
    section,
    disabledReason: none,
    run: withActive(act),
  });
  useCommands([
    {
      id: "terminal.create",
      title: t("terminal.newLong"),
      section,
      shortcut: "Mod+Shift+E",
      run: input.makeNew,
    },
    onActive("terminal.focus", t("terminal.focus"), input.show),
    onActive("terminal.rename", t("terminal.rename"), input.rename),
    onActive("terminal.close", t("terminal.closeLong"), input.close),
    onActive("terminal.restart", t("terminal.restartLong"), input.restart),
    onActive("terminal.find", t("terminal.findLong"), input.search),
    onActive("terminal.clear", t("terminal.clear"), () => input.view()?.clear()),
    onActive("terminal.copy", t("terminal.copy"), () => void input.view()?.copy()),
    onActive("terminal.paste", t("terminal.paste"), () => void input.view()?.paste()),
    onActive("terminal.next", t("terminal.next"), step(1)),
    onActive("terminal.previous", t("terminal.previous"), step(-1)),
    {
      id: "terminal.screenReader",
      title: t(screenReader ? "terminal.screenReaderOff" : "terminal.screenReaderOn"),
      section,
      run: () => useTerminals.getState().setScreenReader(!screenReader),
    },
  ]);
}
