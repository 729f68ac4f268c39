import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

/** What the side panel can show; on phones each is a sheet. */
export interface SideView {
  /** Stable and unique: `files`. */
  id: string;
  /** Its name, in the current language. */
  label: string;
  icon: LucideIcon;
  /** Shows it and puts the focus into it; Mod+Shift, so that it works inside a terminal too. */
  shortcut?: string;
  /** Beside the icon: how many problems there are. */
  badge?: ReactNode;
  content: ReactNode;
  /** Rendered before it is first shown: what registers commands or follows the editor needs it. */
  eager?: boolean;
}
