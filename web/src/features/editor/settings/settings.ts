/** What a person has set of the editor, the same on every device. */
import * as z from "zod/mini";
import { isMachine } from "@/api/agent";
import { currentPreferences, definePreferences, setting, usePreferences } from "@/lib/preferences";
import type { AutosaveMode } from "../openFile";

/** The themes of the text; `atelier` follows the interface's. */
export const EDITOR_THEMES = ["atelier", "light", "dark", "contrastLight", "contrastDark"] as const;
export type EditorTheme = (typeof EDITOR_THEMES)[number];

export const KEYMAPS = ["default", "vim", "emacs"] as const;
export type Keymap = (typeof KEYMAPS)[number];

export const FONT_SIZE = { min: 9, max: 32 };
export const AUTOSAVE_MODES = ["delay", "focus", "off"] as const satisfies readonly AutosaveMode[];

const EDITOR = definePreferences("editor", {
  /** A family to be preferred; empty: the interface's own. */
  fontFamily: setting(z.string().check(z.maxLength(100)), ""),
  /** Pixels. */
  fontSize: setting(z.int().check(z.gte(FONT_SIZE.min), z.lte(FONT_SIZE.max)), 13),
  ligatures: setting(z.boolean(), false),
  /** Columns of a tab, and of a step, where neither project nor file say so. */
  tabSize: setting(z.int().check(z.gte(1), z.lte(16)), 4),
  insertSpaces: setting(z.boolean(), true),
  theme: setting(z.enum(EDITOR_THEMES), "atelier"),
  wordWrap: setting(z.boolean(), false),
  minimap: setting(z.boolean(), true),
  stickyScroll: setting(z.boolean(), true),
  breadcrumbs: setting(z.boolean(), true),
  formatOnSave: setting(z.boolean(), false),
  keymap: setting(z.enum(KEYMAPS), "default"),
  /**
   * Of a workspace's file half a sentence may stand on disk for a moment; a server's own programs
   * read theirs while they are written. So there a person says when.
   */
  autosave: setting(z.enum(AUTOSAVE_MODES), "delay"),
  autosaveOnServers: setting(z.enum(AUTOSAVE_MODES), "off"),
});

export type EditorSettings = ReturnType<typeof EDITOR.read>;

export function useEditorSettings() {
  return usePreferences(EDITOR);
}

/** Outside of components. */
export function currentEditorSettings(): EditorSettings {
  return currentPreferences(EDITOR);
}

/** When edits are saved by themselves, on that host. */
export function autosaveOn(host: string, settings: EditorSettings): AutosaveMode {
  return isMachine(host) ? settings.autosaveOnServers : settings.autosave;
}

/** The change that sets it there. */
export function autosaveChange(host: string, mode: AutosaveMode): Partial<EditorSettings> {
  return isMachine(host) ? { autosaveOnServers: mode } : { autosave: mode };
}
