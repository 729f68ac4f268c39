/** What Git can do with the text that is shown, for the command palette. */
import { useTranslation } from "react-i18next";
import { useStore } from "zustand";
import { type Command, useCommands } from "@/lib/commands";
import type { TextView } from "@/lib/text-views";
import type { GitView } from "../session";
import type { TextActions } from "./git-texts";
import { nextChange, standsAt } from "./line-changes";
import type { FilePlace } from "./repository";
import type { TextStore } from "./store";

interface TextCommandsInput extends TextActions {
  store: TextStore;
  /** The text in the active group. */
  active: TextView | undefined;
  /** Where the active file is, if it is in a repository. */
  place: FilePlace | undefined;
  open: (view: GitView) => void;
}

export function useTextCommands(input: TextCommandsInput): void {
  const { store, active, place, open } = input;
  const { t } = useTranslation("git");
  const blame = useStore(store, (state) => state.blame);
  const changes = useStore(store, (state) => (active ? state.changes[active.id] : undefined));
  const noText = place ? (active ? undefined : t("text.none")) : t("text.noRepository");
  const same = noText ?? (changes?.length ? undefined : t("text.unchanged"));
  const fixed = same ?? (active?.readOnly ? t("peek.readOnly") : undefined);
  const here = () => active?.editor.getPosition()?.lineNumber ?? 1;
  const go = (step: 1 | -1) => {
    const to = nextChange(changes ?? [], here(), step);
    if (!to || !active) return;
    const line = Math.max(to.start, 1);
    active.editor.setPosition({ lineNumber: line, column: 1 });
    active.editor.focus();
    store.setState({ peek: { view: active.id, line } });
  };
  const current = () =>
    changes?.find((change) => standsAt(change, here())) ?? nextChange(changes ?? [], here(), 1);
  const commands: Command[] = [
    {
      id: "git.nextChange",
      title: t("text.next"),
      shortcut: "Alt+F5",
      disabledReason: same,
      run: () => go(1),
    },
    {
      id: "git.previousChange",
      title: t("text.previous"),
      shortcut: "Shift+Alt+F5",
      disabledReason: same,
      run: () => go(-1),
    },
    {
      id: "git.stageChange",
      title: t("text.stage"),
      disabledReason: fixed,
      run: () => {
        const change = current();
        if (active && place && change) void input.stage(active, change, place.file);
      },
    },
    {
      id: "git.revertChange",
      title: t("text.revert"),
      disabledReason: fixed,
      run: () => {
        const change = current();
        if (active && change) input.revert(active, change);
      },
    },
    ...(["line", "all"] as const).map((mode) => ({
      id: `git.blame.${mode}`,
      title: t(`blame.${mode}.${blame === mode ? "hide" : "show"}`),
      disabledReason: noText,
      run: () => store.setState({ blame: blame === mode ? "off" : mode }),
    })),
    {
      id: "git.fileHistory",
      title: t("history.open"),
      disabledReason: place ? undefined : t("text.noRepository"),
      run: () => place && open({ kind: "log", file: place.file }),
    },
  ];
  useCommands("git", commands);
}
