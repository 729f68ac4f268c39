/** What the mark beside a command says. */
import { useTranslation } from "react-i18next";
import { stateOf } from "./shell/gutter";
import type { ShownCommand } from "./shell/marks";

export function useCommandLabel(): (command: ShownCommand) => string {
  const { t } = useTranslation("terminals");
  return (command) => {
    const { startedAt, endedAt, text, exitCode } = command;
    const state = stateOf(command);
    const how =
      state === "failed" ? t("command.failed", { code: exitCode }) : t(`command.${state}`);
    const took =
      startedAt === undefined || endedAt === undefined
        ? undefined
        : t("command.took", { seconds: ((endedAt - startedAt) / 1000).toFixed(1) });
    return [text ?? t("command.unnamed"), how, took].filter(Boolean).join(" · ");
  };
}
