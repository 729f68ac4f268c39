/** Keys as text: `Mod+Shift+K`. `Mod` is Command on Apple's systems and Control elsewhere. */

const APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** A shortcut's keys as they stand on the keyboard: `["Ctrl", "K"]`. */
export function shortcutKeys(shortcut: string, apple: boolean = APPLE): string[] {
  const names: Record<string, string> = apple
    ? { Mod: "⌘", Shift: "⇧", Alt: "⌥" }
    : { Mod: "Ctrl" };
  return splitKeys(shortcut).map((key) => names[key] ?? key);
}

/** Its parts; a plus sign can be the key itself. */
function splitKeys(shortcut: string): string[] {
  return shortcut.endsWith("++") ? [...shortcut.slice(0, -2).split("+"), "+"] : shortcut.split("+");
}

/** Whether a key press is the shortcut. */
export function matchesShortcut(
  event: KeyboardEvent,
  shortcut: string,
  apple: boolean = APPLE,
): boolean {
  const parts = splitKeys(shortcut);
  const key = parts.at(-1) ?? "";
  const mod = apple ? event.metaKey : event.ctrlKey;
  const foreign = apple ? event.ctrlKey : event.metaKey;
  return (
    !foreign &&
    // AltGr says that Control and Alt are down, and types a letter.
    !event.getModifierState("AltGraph") &&
    mod === parts.includes("Mod") &&
    event.shiftKey === parts.includes("Shift") &&
    event.altKey === parts.includes("Alt") &&
    // `code` finds the letter on keyboards of other scripts: Ctrl+K is the same key in Arabic.
    (event.key.toLowerCase() === key.toLowerCase() ||
      event.code === `Key${key.toUpperCase()}` ||
      event.code === `Digit${key}`)
  );
}

/** Named keys that say nothing by themselves. */
const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead"]);

/** The shortcut that a key press is; nothing for a modifier alone. */
export function shortcutOf(event: KeyboardEvent, apple: boolean = APPLE): string | undefined {
  if (event.isComposing || MODIFIERS.has(event.key)) return undefined;
  const physical = /^(?:Key|Digit)(.)$/.exec(event.code)?.[1];
  const key = physical ?? (event.key === " " ? "Space" : event.key);
  const parts = [
    (apple ? event.metaKey : event.ctrlKey) && "Mod",
    event.altKey && "Alt",
    event.shiftKey && "Shift",
    key.length === 1 ? key.toUpperCase() : key,
  ];
  return parts.filter(Boolean).join("+");
}

/** A function key, alone or with others: no text field and no shell has a use for it. */
export function isFunctionKey(shortcut: string): boolean {
  return /(?:^|\+)F\d{1,2}$/.test(shortcut);
}

/** Why keys cannot be given to a command; nothing when they can. */
export type Unfit = "browser" | "text" | "typing";

/**
 * Tabs and windows: browsers keep these keys for themselves, or do it whatever a page says (Chrome:
 * `IsReservedCommandOrKey` in `browser_command_controller.cc`; Firefox: `reserved="true"` in its key
 * sets).
 */
const BROWSER =
  /^(?:Mod\+(?:Shift\+)?[NTW]|Mod\+Q|Mod\+(?:Shift\+)?Tab|Mod\+(?:Shift\+)?Page(?:Up|Down)|Alt\+F4|Mod\+F4|F11)$/;

/** What every text field does with them. */
const TEXT = /^Mod\+(?:[ACVXZ]|Shift\+Z|Backspace|Delete|Arrow\w+)$/;

export function unfitKeys(shortcut: string): Unfit | undefined {
  if (BROWSER.test(shortcut)) return "browser";
  if (TEXT.test(shortcut)) return "text";
  const types = !/(?:^|\+)(?:Mod|Alt)\+/.test(shortcut) && !isFunctionKey(shortcut);
  return types ? "typing" : undefined;
}
