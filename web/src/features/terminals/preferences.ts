/** How terminals look and behave for a person, on every device. */
import * as z from "zod/mini";
import { definePreferences, setting } from "@/lib/preferences";

/** Sizes of the text, in pixels. */
export const FONT_SIZE = { min: 8, max: 32, initial: 13 } as const;

/** Lines that can be scrolled back to; about 1 KB each. */
export const SCROLLBACK = { min: 100, max: 100_000, initial: 20_000 } as const;

export const FONTS = {
  plex: '"IBM Plex Mono", monospace',
  system: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
} as const;

export const THEMES = [
  "auto",
  "light",
  "dark",
  "contrast-dark",
  "contrast-light",
  "sepia",
  "midnight",
] as const;

export type ThemeName = (typeof THEMES)[number];

const within = ({ min, max }: { min: number; max: number }) =>
  z.number().check(z.int(), z.minimum(min), z.maximum(max));

export const TERMINAL_PREFERENCES = definePreferences("terminal", {
  fontSize: setting(within(FONT_SIZE), FONT_SIZE.initial),
  font: setting(z.enum(["plex", "system"]), "plex"),
  lineHeight: setting(z.enum(["compact", "normal", "wide"]), "normal"),
  theme: setting(z.enum(THEMES), "auto"),
  cursor: setting(z.enum(["block", "bar", "underline"]), "block"),
  cursorBlink: setting(z.boolean(), true),
  scrollback: setting(within(SCROLLBACK), SCROLLBACK.initial),
  copyOnSelect: setting(z.boolean(), false),
  pasteGuard: setting(z.boolean(), true),
  bell: setting(z.enum(["none", "visual", "sound"]), "visual"),
  images: setting(z.boolean(), true),
  commandMarks: setting(z.boolean(), true),
});

export type TerminalPreferences = ReturnType<typeof TERMINAL_PREFERENCES.read>;

export const LINE_HEIGHTS = { compact: 1, normal: 1.25, wide: 1.5 } as const;
