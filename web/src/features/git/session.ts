/** What the Git views of one workspace share: the repository that is shown, what runs, what is open. */
import { useState } from "react";
import { createStore } from "zustand";
import type { LongOperation } from "@/api/git-long";
import type { GitHostKeyProblem } from "@/api/types";
import type { GitDiffScope, GitStoredCredential } from "./types";

/** What stands over the page. */
export type GitView =
  | { kind: "diff"; file: string; scope: GitDiffScope; untracked: boolean }
  | { kind: "commitDiff"; file: string; commit: string; back: GitView }
  | { kind: "commit"; commit: string }
  | { kind: "conflict"; file: string }
  | { kind: "log"; file?: string; chosen?: string }
  | { kind: "branches" }
  | { kind: "stashes" }
  | { kind: "remotes" }
  | { kind: "worktrees" }
  | { kind: "submodules" }
  | { kind: "rebase"; onto: string }
  | { kind: "ssh"; host?: string }
  | { kind: "identity" }
  | { kind: "runs" };

/** What takes long, under way. */
interface Running {
  operation: LongOperation;
  phase: string | undefined;
  percent: number | undefined;
  stop: () => void;
}

/** Who is to say who they are, and to whom. */
export interface Asked {
  protocol: string;
  host: string;
  username: string | undefined;
  refused: boolean;
  /** What became of what the person has stored for this host. */
  stored: GitStoredCredential | undefined;
  operation: LongOperation;
  body: object;
}

/** A host whose key was not accepted, and for what it was reached. */
interface Unaccepted {
  problem: GitHostKeyProblem;
  operation: LongOperation;
  body: object;
}

/** A result of a conflict that a person has left without saving it. */
export interface ConflictDraft {
  text: string;
  /** The version of the file that it is to replace. */
  etag: string;
}

interface GitState {
  /** The repository, by its path below the workspace's root; the first when undefined. */
  repository: string | undefined;
  view: GitView | undefined;
  running: Running | undefined;
  asked: Asked | undefined;
  unaccepted: Unaccepted | undefined;
  message: string;
  amend: boolean;
  signOff: boolean;
  /** By the repository's path and the file's; as long as the page is open. */
  drafts: ReadonlyMap<string, ConflictDraft>;
}

function createGitSession() {
  return createStore<GitState>(() => ({
    repository: undefined,
    view: undefined,
    running: undefined,
    asked: undefined,
    unaccepted: undefined,
    message: "",
    amend: false,
    signOff: false,
    drafts: new Map(),
  }));
}

/** The session, for as long as the page is open. */
export function useGitSession(): GitSession {
  return useState(createGitSession)[0];
}

export type GitSession = ReturnType<typeof createGitSession>;
