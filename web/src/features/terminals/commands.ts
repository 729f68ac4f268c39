/** The terminals' actions in the command palette. */
import { useTranslation } from "react-i18next";
import { type Command, useCommands } from "@/lib/commands";
import { usePreferences } from "@/lib/preferences";
import type { PanelActions } from "./panel-actions";
import type { Side } from "./panes/tree";
import { FONT_SIZE, TERMINAL_PREFERENCES } from "./preferences";
import type { Terminal } from "./queries";
import { useTerminals } from "./store";
import type { TerminalView } from "./terminal";

interface TerminalCommandsInput {
  terminals: readonly Terminal[];
  active: Terminal | undefined;
  /** How many panes there are. */
  panes: number;
  view: () => TerminalView | undefined;
  reveal: () => void;
  show: (terminal: Terminal) => void;
  makeNew: () => void;
  close: (terminal: Terminal) => void;
  restart: (terminal: Terminal) => void;
  panel: PanelActions;
  moveToSide: (side: Side) => void;
  moveToNext: () => void;
  focusNext: () => void;
  join: () => void;
}

export function useTerminalCommands(input: TerminalCommandsInput): void {
  const { t: tw } = useTranslation("workbench");
  const { t } = useTranslation("terminals");
  const { active, terminals, panel } = input;
  const screenReader = useTerminals((state) => state.screenReader);
  const [{ fontSize }, changePreferences] = usePreferences(TERMINAL_PREFERENCES);
  const none = active ? undefined : tw("terminal.none");
  const onePane = input.panes < 2 ? t("panes.only") : undefined;
  const onActive = (
    id: string,
    title: string,
    act: (terminal: Terminal) => void,
    more: Pick<Command, "shortcut" | "disabledReason"> = {},
  ): Command => ({
    id: `terminal.${id}`,
    title,
    ...more,
    disabledReason: none ?? more.disabledReason,
    run: () => {
      if (!active) return;
      input.reveal();
      act(active);
    },
  });
  const onView = (
    id: string,
    title: string,
    act: (view: TerminalView) => void,
    shortcut?: string,
  ) =>
    onActive(
      id,
      title,
      () => {
        const view = input.view();
        if (view) act(view);
      },
      shortcut === undefined ? {} : { shortcut },
    );
  const step = (by: number) => () => {
    const at = terminals.findIndex(({ id }) => id === active?.id);
    const next = terminals[(at + by + terminals.length) % terminals.length];
    if (next) input.show(next);
  };
  const zoom = (id: string, title: string, size: number): Command => ({
    id: `terminal.${id}`,
    title,
    run: () =>
      changePreferences({ fontSize: Math.min(FONT_SIZE.max, Math.max(FONT_SIZE.min, size)) }),
  });
  const open = (id: Parameters<PanelActions["open"]>[0], title: string, shortcut?: string) =>
    onActive(id, title, () => panel.open(id), shortcut === undefined ? {} : { shortcut });
  useCommands("terminal", [
    {
      id: "terminal.create",
      title: tw("terminal.newLong"),
      shortcut: "Mod+Shift+Y",
      run: input.makeNew,
    },
    onActive("focus", tw("terminal.focus"), input.show),
    onActive("rename", tw("terminal.rename"), panel.rename),
    onActive("close", tw("terminal.closeLong"), input.close),
    onActive("restart", tw("terminal.restartLong"), input.restart),
    onActive("find", tw("terminal.findLong"), panel.search),
    onView("clear", tw("terminal.clear"), (view) => view.clear()),
    onView("copy", tw("terminal.copy"), (view) => void view.copy()),
    onView("paste", tw("terminal.paste"), (view) => void view.paste()),
    onActive("next", tw("terminal.next"), step(1)),
    onActive("previous", tw("terminal.previous"), step(-1)),
    {
      id: "terminal.screenReader",
      title: tw(screenReader ? "terminal.screenReaderOff" : "terminal.screenReaderOn"),
      run: () => useTerminals.getState().setScreenReader(!screenReader),
    },
    onActive("splitEnd", t("panes.splitEnd"), () => panel.split("end")),
    onActive("splitBottom", t("panes.splitBottom"), () => panel.split("bottom")),
    onActive("moveEnd", t("panes.moveEnd"), () => input.moveToSide("end")),
    onActive("moveBottom", t("panes.moveBottom"), () => input.moveToSide("bottom")),
    onActive("moveNext", t("panes.moveNext"), input.moveToNext, { disabledReason: onePane }),
    onActive("focusNext", t("panes.focusNext"), input.focusNext, { disabledReason: onePane }),
    onActive("join", t("panes.join"), input.join, { disabledReason: onePane }),
    onView("commandPrevious", t("command.previous"), (view) => view.jump("previous")),
    onView("commandNext", t("command.next"), (view) => view.jump("next")),
    onView("commandCopy", t("command.copyLast"), (view) => {
      const { last } = view.marks;
      if (last) void view.copy(view.outputOf(last));
    }),
    onView("commandRerun", t("command.rerunLast"), (view) => {
      const text = view.marks.last?.text;
      if (text !== undefined) view.run(text);
    }),
    open("history", t("history.open"), "Mod+Shift+R"),
    open("appearance", t("appearance.open")),
    open("recordings", t("recordings.open")),
    onActive(
      "record",
      t(active?.recording == null ? "recordings.begin" : "recordings.end"),
      (it) => (it.recording == null ? panel.record(it) : panel.stopRecording(it)),
    ),
    ...(panel.mayShare ? [open("share", t("share.open"))] : []),
    {
      id: "terminal.settings",
      title: t("settings.open"),
      run: () => panel.open("settings"),
    },
    zoom("zoomIn", t("zoom.in"), fontSize + 1),
    zoom("zoomOut", t("zoom.out"), fontSize - 1),
    zoom("zoomReset", t("zoom.reset"), FONT_SIZE.initial),
  ]);
}
