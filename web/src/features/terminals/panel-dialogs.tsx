/** The panel's dialogs. What is in them comes when it is first asked for. */
import { lazy, Suspense } from "react";
import { useCommandStore } from "@/lib/commands";
import { AppearanceDialog, type ColorName, type IconName } from "./appearance";
import type { PanelDialog } from "./panel-actions";
import type { Terminal } from "./queries";

const HistoryDialog = lazy(async () => ({
  default: (await import("./history-dialog")).HistoryDialog,
}));
const RecordingsDialog = lazy(async () => ({
  default: (await import("./recordings/recordings-dialog")).RecordingsDialog,
}));
const SettingsDialog = lazy(async () => ({
  default: (await import("./settings-dialog")).SettingsDialog,
}));
const ShareDialog = lazy(async () => ({
  default: (await import("./sharing/share-dialog")).ShareDialog,
}));

interface PanelDialogsProps {
  workspace: string;
  terminal: Terminal | undefined;
  dialog: PanelDialog | undefined;
  onClose: () => void;
  onUpdate: (change: { color?: ColorName; icon?: IconName }) => void;
  /** Puts a command line at the prompt. */
  onInsert: (line: string) => void;
}

export function PanelDialogs(props: PanelDialogsProps) {
  const { workspace, terminal, dialog, onClose } = props;
  // The palette closes first: two dialogs would fight over the focus.
  const covered = useCommandStore((state) => state.overlay !== undefined);
  if (dialog === undefined || covered) return null;
  return (
    <Suspense fallback={null}>
      {dialog === "settings" ? <SettingsDialog onClose={onClose} /> : null}
      {dialog === "recordings" ? (
        <RecordingsDialog workspace={workspace} onClose={onClose} />
      ) : null}
      {dialog === "history" ? (
        <HistoryDialog workspace={workspace} onClose={onClose} onPick={props.onInsert} />
      ) : null}
      {dialog === "share" && terminal ? (
        <ShareDialog workspace={workspace} terminal={terminal} onClose={onClose} />
      ) : null}
      {dialog === "appearance" && terminal ? (
        <AppearanceDialog terminal={terminal} onChange={props.onUpdate} onClose={onClose} />
      ) : null}
    </Suspense>
  );
}
