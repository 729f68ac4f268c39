/** What can be done with a command, beside its mark. */
import { ClipboardCopy, RotateCcw, TerminalSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Menu, MenuContent, MenuItem, MenuLabel, MenuTrigger } from "@/components/ui/menu";
import type { ShownCommand } from "./shell/marks";
import { useCommandLabel } from "./use-command-label";

interface CommandMenuProps {
  command: ShownCommand;
  at: DOMRect;
  onCopyLine: () => void;
  onCopyOutput: () => void;
  onRerun: () => void;
  onClose: () => void;
}

export function CommandMenu(props: CommandMenuProps) {
  const { t } = useTranslation("terminals");
  const label = useCommandLabel();
  const { command, at } = props;
  const unnamed = command.text === undefined ? t("command.unnamedReason") : undefined;
  const running = command.end === undefined ? t("command.runningReason") : undefined;
  return (
    <Menu open onOpenChange={(open) => !open && props.onClose()}>
      <MenuTrigger asChild>
        <span
          aria-hidden
          className="fixed"
          style={{ left: at.left, top: at.top, width: at.width, height: at.height }}
        />
      </MenuTrigger>
      <MenuContent side="right" align="start">
        <MenuLabel>
          <span className="isolate-text block max-w-72 truncate">{label(command)}</span>
        </MenuLabel>
        <MenuItem onSelect={props.onCopyOutput}>
          <ClipboardCopy aria-hidden />
          {t("command.copyOutput")}
        </MenuItem>
        <MenuItem disabledReason={unnamed} onSelect={props.onCopyLine}>
          <TerminalSquare aria-hidden />
          {t("command.copyLine")}
        </MenuItem>
        <MenuItem disabledReason={unnamed ?? running} onSelect={props.onRerun}>
          <RotateCcw aria-hidden />
          {t("command.rerun")}
        </MenuItem>
      </MenuContent>
    </Menu>
  );
}
