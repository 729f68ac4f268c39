import { listCommands, useCommandStore } from "./commands";

const APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** A shortcut's keys as they stand on the keyboard: `["Ctrl", "K"]`. */
export function shortcutKeys(shortcut: string, apple: boolean = APPLE): string[] {
  const names: Record<string, string> = apple
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥" }
    : { Mod: "Ctrl" };
  return shortcut.split("+").map((key) => names[key] ?? key);
}

/** Whether a key press is the shortcut. */
export function matchesShortcut(
  event: KeyboardEvent,
  shortcut: string,
  apple: boolean = APPLE,
): boolean {
  const parts = shortcut.split("+");
  const key = parts.at(-1) ?? "";
  const mod = apple ? event.metaKey : event.ctrlKey;
  const foreign = apple ? event.ctrlKey : event.metaKey;
  return (
    !foreign &&
    mod === parts.includes("Mod") &&
    event.shiftKey === parts.includes("Shift") &&
    event.altKey === parts.includes("Alt") &&
    // `code` finds the letter on keyboards of other scripts: Ctrl+K is the same key in Arabic.
    (event.key.toLowerCase() === key.toLowerCase() || event.code === `Key${key.toUpperCase()}`)
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/**
 * Inside an element with `data-keys="raw"` (a terminal) keys belong to the program in it: there
 * only function keys and Mod+Shift shortcuts are ours. `Ctrl+K` must reach the shell.
 */
function isRaw(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[data-keys="raw"]') !== null;
}

function mayFire(event: KeyboardEvent, shortcut: string): boolean {
  const functionKey = /^F\d+$/.test(shortcut);
  if (isRaw(event.target)) return functionKey || /Mod\+Shift|Shift\+Mod/.test(shortcut);
  if (isTyping(event.target)) return functionKey || shortcut.includes("Mod");
  return true;
}

/** Handles one key press; true when a command took it. */
export function handleShortcut(event: KeyboardEvent): boolean {
  if (event.isComposing || event.defaultPrevented) return false;
  const { groups } = useCommandStore.getState();
  // The latest registration wins: what is on top of the page.
  const command = listCommands(groups)
    .reverse()
    .find(
      ({ shortcut }) => shortcut && matchesShortcut(event, shortcut) && mayFire(event, shortcut),
    );
  if (!command) return false;
  event.preventDefault();
  event.stopPropagation();
  if (!command.disabledReason) command.run();
  return true;
}

/** Listens on the window, before editors see the keys; the returned function stops it. */
export function startShortcuts(): () => void {
  const listener = (event: KeyboardEvent) => void handleShortcut(event);
  window.addEventListener("keydown", listener, { capture: true });
  return () => window.removeEventListener("keydown", listener, { capture: true });
}
