import type { ReactNode } from "react";

/** A feature's part of the settings; the route gives it to the page and to the workspace's dialog. */
export interface PreferenceSection {
  /** For links to it: `editor`. */
  id: string;
  /** In the current language. */
  title: string;
  description: string;
  content: ReactNode;
}
