import { create } from "zustand";
import type { NodeTokenCreated } from "@/api/types";

interface JoinState {
  /** Commands by the id of their token. Kept in memory only: the secret in them is shown once. */
  commands: Readonly<Record<string, NodeTokenCreated>>;
  keep: (created: NodeTokenCreated) => void;
  forget: (token: string) => void;
}

/** The join commands that this page has made, so that closing the dialog loses none. */
export const useJoinCommands = create<JoinState>((set) => ({
  commands: {},
  keep: (created) =>
    set(({ commands }) => ({ commands: { ...commands, [created.token.id]: created } })),
  forget: (token) =>
    set(({ commands }) => {
      const { [token]: _, ...rest } = commands;
      return { commands: rest };
    }),
}));
