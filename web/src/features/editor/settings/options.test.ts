import { describe, expect, it } from "vitest";
import { optionsFor } from "./options";
import type { EditorSettings } from "./settings";

const SETTINGS: EditorSettings = {
  fontFamily: "",
  fontSize: 13,
  ligatures: false,
  tabSize: 4,
  insertSpaces: true,
  theme: "atelier",
  wordWrap: false,
  minimap: true,
  stickyScroll: true,
  breadcrumbs: true,
  formatOnSave: false,
  keymap: "default",
  autosave: "delay",
  autosaveOnServers: "off",
};

describe("options", () => {
  it("follow the settings, as far as the width allows", () => {
    expect(optionsFor(SETTINGS, 1200).minimap.enabled).toBe(true);
    expect(optionsFor({ ...SETTINGS, minimap: false }, 1200).minimap.enabled).toBe(false);
    expect(optionsFor(SETTINGS, 390)).toMatchObject({
      minimap: { enabled: false },
      stickyScroll: { enabled: false },
      wordWrap: "on",
    });
    expect(optionsFor({ ...SETTINGS, wordWrap: true }, 1200).wordWrap).toBe("on");
  });

  it("take a font's name as a name, whatever stands in it", () => {
    const { fontFamily } = optionsFor({ ...SETTINGS, fontFamily: 'Fira"; color: red' }, 1200);
    expect(fontFamily.startsWith('"Fira color: red", "IBM Plex Mono"')).toBe(true);
  });
});
