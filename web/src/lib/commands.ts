import { useEffect, useRef } from "react";
import { create } from "zustand";

/** An action that the palette offers and a shortcut can start. */
export interface Command {
  /** Stable and unique: `workspace.create`. */
  id: string;
  /** What it does, in the current language. */
  title: string;
  /** The heading that it stands under, in the current language. */
  section: string;
  /**
   * The keys that start it where a person has set no others, the one to show first: `Mod+Shift+N`.
   * `Mod` is Command on Apple's systems and Control elsewhere. See `keys.ts` for what must not be one.
   */
  shortcut?: string | readonly string[];
  /** More words to find it by. */
  keywords?: string[];
  /** Why it cannot be used now; it is then shown, with the reason, and does nothing. */
  disabledReason?: string | undefined;
  run: () => void;
}

/** The keys that a person has set, by command; none for one that has lost its keys. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

/** What can be opened over a page: all actions, all keys, all workspaces; in a workspace the settings. */
type Overlay = "palette" | "shortcuts" | "switcher" | "settings";

interface CommandState {
  /** Each registration is one list; later ones win where ids or shortcuts meet. */
  groups: Map<symbol, readonly Command[]>;
  bindings: Bindings;
  /** What stands over the page. */
  overlay: Overlay | undefined;
  setOverlay: (overlay: Overlay | undefined) => void;
}

/** The registry behind the palette and the shortcuts. */
export const useCommandStore = create<CommandState>((set) => ({
  groups: new Map(),
  bindings: {},
  overlay: undefined,
  setOverlay: (overlay) => set({ overlay }),
}));

/** Opens the command palette. */
export function openPalette(): void {
  useCommandStore.getState().setOverlay("palette");
}

/** The keys of a command as it was written. */
function defaultKeys({ shortcut }: Pick<Command, "shortcut">): readonly string[] {
  return typeof shortcut === "string" ? [shortcut] : (shortcut ?? []);
}

/** The keys that start a command: the person's own, else the defaults that nobody else was given. */
export function commandKeys(command: Command, bindings: Bindings): readonly string[] {
  const own = bindings[command.id];
  if (own) return own;
  const taken = new Set(Object.values(bindings).flat());
  return defaultKeys(command).filter((keys) => !taken.has(keys));
}

/** The first of a command's keys, for controls that show it beside their name. */
export function useShortcut(id: string): string | undefined {
  return useCommandStore(({ groups, bindings }) => {
    const command = commandsById(groups).get(id);
    return command && commandKeys(command, bindings)[0];
  });
}

/** Adds commands; the returned function takes them away again. */
export function registerCommands(commands: readonly Command[]): () => void {
  const key = Symbol("commands");
  const change = (edit: (groups: Map<symbol, readonly Command[]>) => void) =>
    useCommandStore.setState((state) => {
      const groups = new Map(state.groups);
      edit(groups);
      return { groups };
    });
  change((groups) => groups.set(key, commands));
  return () => change((groups) => groups.delete(key));
}

type Groups = CommandState["groups"];

/** Every control that shows its key looks its command up whenever one has changed: the list is made once. */
const listed = new WeakMap<Groups, ReadonlyMap<string, Command>>();

function commandsById(groups: Groups): ReadonlyMap<string, Command> {
  const known = listed.get(groups);
  if (known) return known;
  const byId = new Map<string, Command>();
  for (const group of groups.values()) {
    for (const command of group) byId.set(command.id, command);
  }
  listed.set(groups, byId);
  return byId;
}

/** All commands, each id once: the latest registration wins, in the place of the first. */
export function listCommands(groups: Groups): Command[] {
  return [...commandsById(groups).values()];
}

/** Commands under their headings, in the order of the first of each. */
export function bySection(commands: readonly Command[]): [string, Command[]][] {
  const sections = new Map<string, Command[]>();
  for (const command of commands) {
    const members = sections.get(command.section);
    if (members) members.push(command);
    else sections.set(command.section, [command]);
  }
  return [...sections];
}

function signature(commands: readonly Command[]): string {
  return JSON.stringify(commands.map(({ run: _, ...visible }) => visible));
}

/**
 * Registers a component's commands for as long as it is shown. The list may be made anew on each
 * render: it is registered again only when something that is shown has changed.
 */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const shown = signature(commands);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shown` stands for the list's content.
  useEffect(
    () =>
      registerCommands(
        latest.current.map((command) => ({
          ...command,
          run: () => latest.current.find((current) => current.id === command.id)?.run(),
        })),
      ),
    [shown],
  );
}
