/** The keyboard's way between the panels: F6, and to one by name. */

/** What marks a panel in the page: `data-panel="editor"`. */
const PANEL = "data-panel";

/** Where typing begins in a panel that the focus has not been in yet. */
const BEGINNINGS =
  "[data-panel-focus], [role=tree], .monaco-editor textarea, .monaco-editor .native-edit-context, .xterm-helper-textarea";

const TABBABLE =
  'a[href], button:not(:disabled), input:not(:disabled), select, textarea, [tabindex="0"]';

/** Where the focus was last in each panel. */
const last = new WeakMap<Element, HTMLElement>();

function isSeen(element: Element): boolean {
  return element.checkVisibility?.() ?? true;
}

function panels(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[${PANEL}]`)].filter(isSeen);
}

/** Remembers where the focus is in each panel; the returned function ends it. */
export function followFocus(): () => void {
  const onFocus = ({ target }: FocusEvent) => {
    if (!(target instanceof HTMLElement)) return;
    const panel = target.closest(`[${PANEL}]`);
    if (panel) last.set(panel, target);
  };
  document.addEventListener("focusin", onFocus);
  return () => document.removeEventListener("focusin", onFocus);
}

function enter(panel: HTMLElement): boolean {
  const before = last.get(panel);
  const choices = [
    before && panel.contains(before) ? before : undefined,
    ...panel.querySelectorAll<HTMLElement>(BEGINNINGS),
    ...panel.querySelectorAll<HTMLElement>(TABBABLE),
  ];
  const target = choices.find((choice) => choice && isSeen(choice));
  target?.focus();
  return target !== undefined;
}

/** Puts the focus into the panel with this name, when it is to be seen. */
export function focusPanel(name: string): void {
  // After the panel has been opened, if the same action does that.
  requestAnimationFrame(() => {
    const panel = panels().find((element) => element.getAttribute(PANEL) === name);
    if (panel) enter(panel);
  });
}

/** Moves the focus to the next panel that takes it, or with -1 to the one before. */
export function stepPanel(step: 1 | -1): void {
  const all = panels();
  const at = all.findIndex((panel) => panel.contains(document.activeElement));
  const begin = at < 0 && step < 0 ? 0 : at;
  for (let distance = 1; distance <= all.length; distance += 1) {
    const next = all[(begin + step * distance + all.length * 2) % all.length];
    if (next && enter(next)) return;
  }
}
