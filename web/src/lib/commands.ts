import { useEffect, useRef, useState } from "react";
import { create } from "zustand";

/**
 * The headings that commands stand under, in their order, named by `section.<name>` of the texts.
 * In a section, what was rendered first stands first, parents before children. Siblings that appear
 * when their own data arrives, as on the servers' page, have a section each: their order is declared.
 */
export const SECTIONS = [
  "workspaces",
  "go",
  // A workspace's page.
  "search",
  "git",
  "view",
  "ports",
  "vscode",
  "workspace",
  "terminal",
  "files",
  "editor",
  "languages",
  "merge",
  // The other pages.
  "repositories",
  "servers",
  "rollout",
  "joinCommands",
  "jobs",
  "schedules",
  "members",
  // Every page.
  "appearance",
  "account",
] as const;

export type Section = (typeof SECTIONS)[number];

/** An action that the palette offers and a shortcut can start. */
export interface Command {
  /** Stable and unique: `workspace.create`. */
  id: string;
  /** What it does, in the current language. */
  title: string;
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

/** A command as it is shown. */
export interface ListedCommand extends Command {
  section: Section;
}

/** The keys that a person has set, by command; none for one that has lost its keys. */
export type Bindings = Readonly<Record<string, readonly string[]>>;

/** What can be opened over a page: all actions, all keys, all workspaces; in a workspace the settings. */
type Overlay = "palette" | "shortcuts" | "switcher" | "settings";

interface CommandState {
  /** Each registration is one list, by its place; later places win where ids or shortcuts meet. */
  groups: ReadonlyMap<number, readonly ListedCommand[]>;
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

let lastPlace = 0;

/** A place after all others. */
function claimPlace(): number {
  lastPlace += 1;
  return lastPlace;
}

/** Adds commands; the returned function takes them away again. */
export function registerCommands(
  section: Section,
  commands: readonly Command[],
  place: number = claimPlace(),
): () => void {
  const change = (edit: (groups: Map<number, readonly ListedCommand[]>) => void) =>
    useCommandStore.setState((state) => {
      const groups = new Map(state.groups);
      edit(groups);
      return { groups };
    });
  const group = commands.map((command) => ({ ...command, section }));
  change((groups) => groups.set(place, group));
  return () => change((groups) => groups.delete(place));
}

type Groups = CommandState["groups"];

/** Every control that shows its key looks its command up whenever one has changed: the list is made once. */
const listed = new WeakMap<Groups, ReadonlyMap<string, ListedCommand>>();

function commandsById(groups: Groups): ReadonlyMap<string, ListedCommand> {
  const known = listed.get(groups);
  if (known) return known;
  const byId = new Map<string, ListedCommand>();
  for (const [, group] of [...groups].toSorted(([one], [other]) => one - other)) {
    for (const command of group) byId.set(command.id, command);
  }
  listed.set(groups, byId);
  return byId;
}

/** All commands, each id once: the one of the latest place wins, and stands where the first stood. */
export function listCommands(groups: Groups): ListedCommand[] {
  return [...commandsById(groups).values()];
}

/** Commands under their headings, in the order of `SECTIONS`. */
export function bySection(commands: readonly ListedCommand[]): [Section, ListedCommand[]][] {
  const sections = SECTIONS.map((name): [Section, ListedCommand[]] => [
    name,
    commands.filter(({ section }) => section === name),
  ]);
  return sections.filter(([, members]) => members.length > 0);
}

function signature(commands: readonly Command[]): string {
  return JSON.stringify(commands.map(({ run: _, ...visible }) => visible));
}

/**
 * Registers a component's commands for as long as it is shown. The list may be made anew on each
 * render: it is registered again only when something that is shown has changed. Its place is that
 * of the first render, parents before children, and stays.
 */
export function useCommands(section: Section, commands: readonly Command[]): void {
  const [place] = useState(claimPlace);
  const latest = useRef(commands);
  latest.current = commands;
  const shown = signature(commands);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `shown` stands for the list's content.
  useEffect(
    () =>
      registerCommands(
        section,
        latest.current.map((command) => ({
          ...command,
          run: () => latest.current.find((current) => current.id === command.id)?.run(),
        })),
        place,
      ),
    [section, place, shown],
  );
}
