/** The terminal's colours: ground and cursor from the tokens, the sixteen of ANSI fixed. */
import type { ITheme } from "@xterm/xterm";
import { tokenColors } from "@/lib/token-colors";

/** Dark enough to be read on the light surface (xterm raises what falls short of 4.5:1). */
const LIGHT: ITheme = {
  black: "#15201f",
  red: "#b1251d",
  green: "#17703b",
  yellow: "#855200",
  blue: "#1d5aa6",
  magenta: "#8a2f86",
  cyan: "#0f6461",
  white: "#606d6b",
  brightBlack: "#4d5b59",
  brightRed: "#c73a31",
  brightGreen: "#1f8548",
  brightYellow: "#9a6200",
  brightBlue: "#2a6cc0",
  brightMagenta: "#a0459b",
  brightCyan: "#137a75",
  brightWhite: "#343f3e",
};

const DARK: ITheme = {
  black: "#252c2c",
  red: "#f2918a",
  green: "#58c481",
  yellow: "#e2ab45",
  blue: "#86b6f1",
  magenta: "#d9a0dc",
  cyan: "#56c2b8",
  white: "#c9d3d1",
  brightBlack: "#8b9795",
  brightRed: "#ffaca6",
  brightGreen: "#7bdb9e",
  brightYellow: "#f3c46d",
  brightBlue: "#a9cdfb",
  brightMagenta: "#ebbdee",
  brightCyan: "#7fdad1",
  brightWhite: "#f4f8f7",
};

/** The theme as the tokens are now. */
export function terminalTheme(resolved: "light" | "dark"): ITheme {
  const color = tokenColors(["surface", "ink", "accent", "accent-text"]);
  return {
    ...(resolved === "dark" ? DARK : LIGHT),
    background: color.surface,
    foreground: color.ink,
    cursor: color["accent-text"],
    cursorAccent: color.surface,
    selectionBackground: `${color.accent}${resolved === "dark" ? "80" : "40"}`,
  };
}

/** How found text is marked. */
export function searchColors() {
  const color = tokenColors(["warn-soft", "warn", "selected", "accent"]);
  return {
    matchBackground: color["warn-soft"],
    matchOverviewRuler: color.warn,
    activeMatchBackground: color.selected,
    activeMatchBorder: color.accent,
    activeMatchColorOverviewRuler: color.accent,
  };
}
