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
  /** `Mod+Shift+N`; `Mod` is Command on Apple's systems and Control elsewhere. */
  shortcut?: string;
  /** More words to find it by. */
  keywords?: string[];
  /** Why it cannot be used now; it is then shown, with the reason, and does nothing. */
  disabledReason?: string | undefined;
  run: () => void;
}

interface CommandState {
  /** Each registration is one list; later ones win where ids or shortcuts meet. */
  groups: Map<symbol, readonly Command[]>;
  paletteOpen: boolean;
  setPaletteOpen: (open: boolean) => void;
}

/** The registry behind the palette and the shortcuts. */
export const useCommandStore = create<CommandState>((set) => ({
  groups: new Map(),
  paletteOpen: false,
  setPaletteOpen: (paletteOpen) => set({ paletteOpen }),
}));

/** Opens the command palette. */
export function openPalette(): void {
  useCommandStore.getState().setPaletteOpen(true);
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

/** All commands, each id once: the latest registration wins, in the place of the first. */
export function listCommands(groups: Map<symbol, readonly Command[]>): Command[] {
  const byId = new Map<string, Command>();
  for (const group of groups.values()) {
    for (const command of group) byId.set(command.id, command);
  }
  return [...byId.values()];
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
