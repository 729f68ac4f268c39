/** The keys that the person has set for commands, the same on every device. */
import { useEffect } from "react";
import * as z from "zod/mini";
import { type Bindings, type Command, commandKeys, useCommandStore } from "./commands";
import { type PreferenceSpace, usePreferences } from "./preferences";

/** How many keys one command can have. */
const KEYS_MAX = 4;

const KEYS = z
  .array(z.string().check(z.minLength(1), z.maxLength(40)))
  .check(z.maxLength(KEYS_MAX));

/** One key of the object for each command: two devices that change different ones both keep theirs. */
const SHORTCUTS: PreferenceSpace<Bindings> = {
  namespace: "shortcuts",
  read: (document = {}) => {
    const known = Object.entries(document).flatMap(([id, value]) => {
      const keys = KEYS.safeParse(value);
      return keys.success ? [[id, keys.data] as const] : [];
    });
    return Object.fromEntries(known);
  },
};

interface BindingActions {
  bindings: Bindings;
  /** Gives keys to a command, and takes them from the one that had them. */
  bind: (command: Command, keys: string, from: Command | undefined) => void;
  /** Leaves a command without keys. */
  unbind: (command: Command) => void;
  /** Brings a command's own keys back, or those of all. */
  reset: (command?: Command) => void;
}

export function useBindings(): BindingActions {
  const [bindings, change] = usePreferences(SHORTCUTS);
  return {
    bindings,
    bind: (command, keys, from) => {
      const left = from && commandKeys(from, bindings).filter((other) => other !== keys);
      change({ [command.id]: [keys], ...(from && left ? { [from.id]: left } : {}) });
    },
    unbind: (command) => change({ [command.id]: [] }),
    reset: (command) => {
      const ids = command ? [command.id] : Object.keys(bindings);
      change(Object.fromEntries(ids.map((id) => [id, undefined])));
    },
  };
}

/** Makes the keys work on every page. */
export function useBindingSync(): void {
  const [bindings] = usePreferences(SHORTCUTS);
  useEffect(() => useCommandStore.setState({ bindings }), [bindings]);
}

/** The command that these keys start now, other than the given one. */
export function ownerOf(
  keys: string,
  except: Command,
  commands: readonly Command[],
  bindings: Bindings,
): Command | undefined {
  return commands.find(
    (command) => command.id !== except.id && commandKeys(command, bindings).includes(keys),
  );
}
