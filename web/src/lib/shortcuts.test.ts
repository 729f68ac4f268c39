import { afterEach, describe, expect, test, vi } from "vitest";
import { type Command, registerCommands, useCommandStore } from "./commands";
import { matchesShortcut, shortcutKeys, shortcutOf, unfitKeys } from "./keys";
import { handleShortcut } from "./shortcuts";

const registered: (() => void)[] = [];

function register(change: Partial<Command>): Command & { run: ReturnType<typeof vi.fn> } {
  const command = { id: "a", title: "A", ...change, run: vi.fn() };
  registered.push(registerCommands("go", [command]));
  return command;
}

function press(key: string, init: KeyboardEventInit = {}, target: Element = document.body) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return { event, taken: handleShortcut(event) };
}

afterEach(() => {
  useCommandStore.setState({ bindings: {} });
  for (const remove of registered.splice(0)) remove();
  document.body.replaceChildren();
});

describe("matchesShortcut", () => {
  const key = (init: KeyboardEventInit) => new KeyboardEvent("keydown", init);

  test("compares every modifier", () => {
    expect(matchesShortcut(key({ key: "k", ctrlKey: true }), "Mod+K", false)).toBe(true);
    expect(matchesShortcut(key({ key: "k" }), "Mod+K", false)).toBe(false);
    expect(matchesShortcut(key({ key: "K", ctrlKey: true, shiftKey: true }), "Mod+K", false)).toBe(
      false,
    );
    expect(matchesShortcut(key({ key: "F1" }), "F1", false)).toBe(true);
  });

  test("Mod is Command on Apple's systems", () => {
    expect(matchesShortcut(key({ key: "k", metaKey: true }), "Mod+K", true)).toBe(true);
    expect(matchesShortcut(key({ key: "k", ctrlKey: true }), "Mod+K", true)).toBe(false);
  });

  test("finds the letter on an Arabic keyboard", () => {
    expect(matchesShortcut(key({ key: "ن", code: "KeyK", ctrlKey: true }), "Mod+K", false)).toBe(
      true,
    );
  });

  test("names the keys of the system", () => {
    expect(shortcutKeys("Mod+Shift+P", false)).toEqual(["Ctrl", "Shift", "P"]);
    expect(shortcutKeys("Mod+K", true)).toEqual(["⌘", "K"]);
  });
});

describe("shortcutOf", () => {
  const key = (init: KeyboardEventInit) => shortcutOf(new KeyboardEvent("keydown", init), false);

  test("names what was pressed, by the place of letters and digits", () => {
    expect(key({ key: "k", code: "KeyK", ctrlKey: true })).toBe("Mod+K");
    expect(key({ key: "ن", code: "KeyK", ctrlKey: true })).toBe("Mod+K");
    expect(key({ key: "!", code: "Digit1", ctrlKey: true, shiftKey: true })).toBe("Mod+Shift+1");
    expect(key({ key: "?", code: "Slash", ctrlKey: true, shiftKey: true })).toBe("Mod+Shift+?");
    expect(key({ key: "F6", code: "F6", altKey: true })).toBe("Alt+F6");
    expect(key({ key: " ", code: "Space", ctrlKey: true })).toBe("Mod+Space");
    expect(key({ key: "Control", code: "ControlLeft", ctrlKey: true })).toBeUndefined();
  });

  test("is what matchesShortcut finds again", () => {
    for (const init of [
      { key: "+", code: "BracketRight", ctrlKey: true },
      { key: "Q", code: "KeyQ", altKey: true, shiftKey: true },
      { key: "ArrowUp", code: "ArrowUp", ctrlKey: true, altKey: true },
      { key: "F12", code: "F12" },
    ]) {
      const event = new KeyboardEvent("keydown", init);
      expect(matchesShortcut(event, shortcutOf(event, false) ?? "", false)).toBe(true);
    }
  });

  test("AltGr types, and is no shortcut", () => {
    const init = { key: "ż", code: "KeyZ", ctrlKey: true, altKey: true, modifierAltGraph: true };
    expect(matchesShortcut(new KeyboardEvent("keydown", init), "Mod+Alt+Z", false)).toBe(false);
  });
});

describe("unfitKeys", () => {
  test("names who else wants them", () => {
    for (const keys of ["Mod+W", "Mod+T", "Mod+N", "Mod+Shift+T", "Mod+Tab", "F11"]) {
      expect([keys, unfitKeys(keys)]).toEqual([keys, "browser"]);
    }
    for (const keys of ["Mod+C", "Mod+V", "Mod+Shift+Z", "Mod+ArrowLeft"]) {
      expect([keys, unfitKeys(keys)]).toEqual([keys, "text"]);
    }
    for (const keys of ["K", "Shift+K", "Enter", "Shift+Tab"]) {
      expect([keys, unfitKeys(keys)]).toEqual([keys, "typing"]);
    }
    for (const keys of ["Mod+K", "Alt+N", "F6", "Shift+F6", "Mod+Shift+E", "Mod+Alt+K"]) {
      expect([keys, unfitKeys(keys)]).toEqual([keys, undefined]);
    }
  });
});

describe("handleShortcut", () => {
  test("runs the command and keeps the key from the page", () => {
    const command = register({ shortcut: "Mod+K" });
    const { event, taken } = press("k", { ctrlKey: true });
    expect(taken).toBe(true);
    expect(event.defaultPrevented).toBe(true);
    expect(command.run).toHaveBeenCalledTimes(1);
  });

  test("leaves other keys alone", () => {
    register({ shortcut: "Mod+K" });
    const { event, taken } = press("j", { ctrlKey: true });
    expect(taken).toBe(false);
    expect(event.defaultPrevented).toBe(false);
  });

  test("takes the key of a disabled command, but does not run it", () => {
    const command = register({ shortcut: "Mod+K", disabledReason: "Not now." });
    expect(press("k", { ctrlKey: true }).taken).toBe(true);
    expect(command.run).not.toHaveBeenCalled();
  });

  test("does not take plain keys while a person types", () => {
    const command = register({ shortcut: "Alt+N" });
    const input = document.body.appendChild(document.createElement("input"));
    expect(press("n", { altKey: true }, input).taken).toBe(false);
    expect(press("n", { altKey: true }).taken).toBe(true);
    expect(command.run).toHaveBeenCalledTimes(1);
  });

  test("leaves a terminal its keys, but for function keys and Mod+Shift", () => {
    const open = register({ id: "open", shortcut: "Mod+K" });
    const help = register({ id: "help", shortcut: "F1" });
    const next = register({ id: "next", shortcut: "Mod+Shift+P" });
    const terminal = document.body.appendChild(document.createElement("div"));
    terminal.dataset.keys = "raw";
    press("k", { ctrlKey: true }, terminal);
    press("F1", {}, terminal);
    press("P", { ctrlKey: true, shiftKey: true }, terminal);
    expect(open.run).not.toHaveBeenCalled();
    expect(help.run).toHaveBeenCalledTimes(1);
    expect(next.run).toHaveBeenCalledTimes(1);
  });

  test("knows several keys for one command, and those that a person has set", () => {
    const command = register({ id: "x", shortcut: ["Mod+J", "F4"] });
    const other = register({ id: "y", shortcut: "F4" });
    press("j", { ctrlKey: true });
    expect(command.run).toHaveBeenCalledTimes(1);
    // What one command was given, another has by default no longer.
    useCommandStore.setState({ bindings: { x: ["F4", "Mod+Shift+1"] } });
    press("j", { ctrlKey: true });
    press("F4");
    press("!", { ctrlKey: true, shiftKey: true, code: "Digit1" });
    expect(command.run).toHaveBeenCalledTimes(3);
    expect(other.run).not.toHaveBeenCalled();
    useCommandStore.setState({ bindings: { x: [] } });
    press("F4");
    expect(command.run).toHaveBeenCalledTimes(3);
    expect(other.run).toHaveBeenCalledTimes(1);
  });

  test("leaves all keys to a field that records them", () => {
    const command = register({ shortcut: "F4" });
    const field = document.body.appendChild(document.createElement("input"));
    field.dataset.keys = "record";
    expect(press("F4", {}, field).taken).toBe(false);
    expect(command.run).not.toHaveBeenCalled();
  });

  test("ignores keys of an input method", () => {
    register({ shortcut: "F1" });
    expect(press("F1", { isComposing: true }).taken).toBe(false);
  });
});
