/** The terminal's colours. Where a theme follows the interface, ground and cursor come from the tokens. */
import type { ITheme } from "@xterm/xterm";
import { tokenColors } from "@/lib/token-colors";
import type { ThemeName } from "./preferences";

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

/** Black and white, and colours as far from the ground as they go. */
const CONTRAST_DARK: ITheme = {
  background: "#000000",
  foreground: "#ffffff",
  cursor: "#ffff00",
  cursorAccent: "#000000",
  selectionBackground: "#ffffff66",
  black: "#000000",
  red: "#ff6b6b",
  green: "#5dff5d",
  yellow: "#ffff5d",
  blue: "#8ab4ff",
  magenta: "#ff8aff",
  cyan: "#5dffff",
  white: "#ffffff",
  brightBlack: "#bdbdbd",
  brightRed: "#ffa3a3",
  brightGreen: "#a3ffa3",
  brightYellow: "#ffffa3",
  brightBlue: "#b8d2ff",
  brightMagenta: "#ffb8ff",
  brightCyan: "#a3ffff",
  brightWhite: "#ffffff",
};

const CONTRAST_LIGHT: ITheme = {
  background: "#ffffff",
  foreground: "#000000",
  cursor: "#000000",
  cursorAccent: "#ffffff",
  selectionBackground: "#00000040",
  black: "#000000",
  red: "#9b0000",
  green: "#005000",
  yellow: "#5a4500",
  blue: "#00109b",
  magenta: "#73007a",
  cyan: "#004b55",
  white: "#3d3d3d",
  brightBlack: "#333333",
  brightRed: "#9b0000",
  brightGreen: "#005000",
  brightYellow: "#5a4500",
  brightBlue: "#00109b",
  brightMagenta: "#73007a",
  brightCyan: "#004b55",
  brightWhite: "#1a1a1a",
};

const SEPIA: ITheme = {
  ...LIGHT,
  background: "#f6efdf",
  foreground: "#3f3426",
  cursor: "#8a5a12",
  cursorAccent: "#f6efdf",
  selectionBackground: "#c9a86a66",
};

const MIDNIGHT: ITheme = {
  ...DARK,
  background: "#0b1020",
  foreground: "#cdd6f4",
  cursor: "#9cc4ff",
  cursorAccent: "#0b1020",
  selectionBackground: "#4a6cb080",
};

/** A theme; `auto` is the interface's, as the tokens are now. */
export function terminalTheme(name: ThemeName, resolved: "light" | "dark"): ITheme {
  switch (name) {
    case "contrast-dark":
      return CONTRAST_DARK;
    case "contrast-light":
      return CONTRAST_LIGHT;
    case "sepia":
      return SEPIA;
    case "midnight":
      return MIDNIGHT;
    default:
      return ownTheme(name === "auto" ? resolved : name, resolved);
  }
}

/** Ours: in the interface's own brightness with its colours, else with those that fit. */
function ownTheme(wanted: "light" | "dark", resolved: "light" | "dark"): ITheme {
  const colors = wanted === "dark" ? DARK : LIGHT;
  if (wanted !== resolved) {
    const [background, foreground] =
      wanted === "dark" ? ["#161b1b", "#e6ecea"] : ["#ffffff", "#15201f"];
    return {
      ...colors,
      background,
      foreground,
      cursor: foreground,
      cursorAccent: background,
      selectionBackground: wanted === "dark" ? "#2f807a80" : "#0f766e40",
    };
  }
  const color = tokenColors(["surface", "ink", "accent", "accent-text"]);
  return {
    ...colors,
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
