import { afterEach, describe, expect, test, vi } from "vitest";
import { type Command, listCommands, registerCommands, useCommandStore } from "./commands";
import { handleShortcut, matchesShortcut, shortcutKeys } from "./shortcuts";

const registered: (() => void)[] = [];

function register(change: Partial<Command>): Command & { run: ReturnType<typeof vi.fn> } {
  const command = { id: "a", title: "A", section: "S", ...change, run: vi.fn() };
  registered.push(registerCommands([command]));
  return command;
}

function press(key: string, init: KeyboardEventInit = {}, target: Element = document.body) {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init });
  target.dispatchEvent(event);
  return { event, taken: handleShortcut(event) };
}

afterEach(() => {
  for (const remove of registered.splice(0)) remove();
  document.body.replaceChildren();
});

describe("the registry", () => {
  test("lists each id once, the latest registration winning", () => {
    register({ id: "x", title: "first" });
    register({ id: "y", title: "other" });
    register({ id: "x", title: "second" });
    const titles = listCommands(useCommandStore.getState().groups).map(({ title }) => title);
    expect(titles).toEqual(["second", "other"]);
  });

  test("forgets what is taken away", () => {
    const remove = registerCommands([{ id: "z", title: "Z", section: "S", run: () => {} }]);
    remove();
    expect(listCommands(useCommandStore.getState().groups)).toEqual([]);
  });
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

  test("ignores keys of an input method", () => {
    register({ shortcut: "F1" });
    expect(press("F1", { isComposing: true }).taken).toBe(false);
  });
});
