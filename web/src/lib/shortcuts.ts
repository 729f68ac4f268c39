import { commandKeys, listCommands, useCommandStore } from "./commands";
import { isFunctionKey, matchesShortcut } from "./keys";

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
  if (isRaw(event.target)) {
    return isFunctionKey(shortcut) || /Mod\+(?:Alt\+)?Shift|Shift\+Mod/.test(shortcut);
  }
  if (isTyping(event.target)) return isFunctionKey(shortcut) || shortcut.includes("Mod");
  return true;
}

/** Handles one key press; true when a command took it. */
export function handleShortcut(event: KeyboardEvent): boolean {
  if (event.isComposing || event.defaultPrevented) return false;
  // A field that asks for keys wants to see them all.
  if (event.target instanceof Element && event.target.closest('[data-keys="record"]')) return false;
  const { groups, bindings } = useCommandStore.getState();
  // The latest place wins: what is on top of the page.
  const command = listCommands(groups)
    .reverse()
    .find((candidate) =>
      commandKeys(candidate, bindings).some(
        (keys) => matchesShortcut(event, keys) && mayFire(event, keys),
      ),
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
