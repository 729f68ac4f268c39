/** What the panel's menus and commands do. */
import type { Side } from "./panes/tree";
import type { Terminal } from "./queries";

/** The panel's dialogs. */
export type PanelDialog = "appearance" | "history" | "recordings" | "share" | "settings";

export interface PanelActions {
  /** A server's own terminals are not shared. */
  mayShare: boolean;
  open: (dialog: PanelDialog) => void;
  rename: (terminal: Terminal) => void;
  search: (terminal: Terminal) => void;
  record: (terminal: Terminal) => void;
  stopRecording: (terminal: Terminal) => void;
  /** A new terminal beside the one in front, where its shell is. */
  split: (side: Side) => void;
}
